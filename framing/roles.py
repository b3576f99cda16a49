"""Who may do what: English verbs and nouns by what tells a permission from a possibility, and hearsay from mere mention.

"Tenants may keep hens" and "rats may come" have the same neighbours; what differs is that keeping is an act that one needs leave
for, and a tenant a person under a rule. The lists were written by hand, of English at large; a word may have several roles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

VERBS = {
    "leave": """abstain adjourn adjudicate administer adopt advertise alter amend anchor annul appeal apply appoint apprehend approve
    arrest ask assemble assign attend authorise authorize bark bat bathe beg bequeath berth bet bid board borrow bowl
    bring broadcast build burn bury busk buy call camp campaign cancel canvass carry cash chair charge chat choose claim
    compel compete confer confiscate consult contact convene convert cook copy correspond cremate cross cycle dance
    decline deduct defer delegate demand demolish demonstrate depart deport deposit detain dig direct discipline disclose
    discriminate disembark dismiss dispense display dissolve distribute divorce download drink drive eat elect email
    employ engage enrol enroll enter erect euthanise evict exchange exempt expel export extend feed fell field file film
    fine fingerprint fish fly foster gamble grant graze hear hire hunt import impose inherit inspect instruct intervene
    issue keep land lease leave lend let levy loan lodge march marry moor nominate object operate opt order overrule
    overtake own park pass pay penalise penalize permit petition phone photograph picket plant play plead possess post
    postpone practice practise prescribe present preside print prosecute protest publish question quote race ratify record
    recruit recuse redeem refrain refund refuse register reject remain remarry renew rent repeal reproduce request require
    reschedule reside resit rest retain retake return revoke ride row sail scatter search see seize sell serve share ship
    shoot shower sign sing sit sleep smoke solicit speak stay sterilise stream strike sublet submit subpoena substitute
    sue summon surrender suspend swim tackle talk teach telephone tender terminate testify text trade transfer trap travel
    treat use vaccinate veto visit volunteer vote waive walk wash wear wed withdraw work write""",
    "act": """accept access accompany accrue add address adjust admit advise allow apportion approach arrange assign assist attach
    attack audit ban bar bill block book bypass call capture carry cast challenge champion check collect combine comment
    communicate commute compensate compete complain complete conduct consider construct consult contest continue
    contribute control cook correct count cover credit decide declare defend deliver deny devote discharge discuss dispose
    donate draft draw dress edit embrace enable enclose erase establish examine exceed exclude exercise exhibit exploit
    explore fetch fight fill follow form forward gather give go grab hand handle harvest hold honor honour implement
    import include inform insert install interact interview invest invite invoke join keep kneel land lay leave light
    limit list listen load lock log make mark meet mention modify mount move name need negotiate notify obtain occupy
    offer open oppose order organise organize paint participate peddle perform pick pitch place plant pledge pour pray
    proceed produce promote propose provide publish pull punish purchase pursue put qualify raise read receive recover
    recruit recycle refer refrain refuel release relocate remove repair replace report represent resell reserve resign
    resist restrict resume retain reuse review ring rule run save scan seek select send settle shop show skip speak spend
    split stand start step stock stop store study supplement supply switch take tap tender test throw tie toll touch
    transport try turn upload wait walk waste watch withhold work""",
    "befall": """abate accelerate account accumulate affect alarm alter appear arise attract backfire backslide balk bankrupt baulk
    become benefit bloom blow bolt boost bounce bow breed buckle burst catch cause cease change climb coincide collapse
    come complicate conceal confuse contain contaminate continue contract contribute convince cool cost count crack
    crumble cut damage deepen default defect delay dent depend depress derail destroy deter deteriorate determine develop
    deviate die differ differentiate dip disappear discourage dislike disrupt dissipate dissolve dive doom drive drop
    drown dry dwarf dwell dwindle ease embarrass embolden emerge encompass encourage end endanger endure ensue entail
    erode erupt escalate evaporate evolve exceed exist explain explode expose face fade fail fall falter fear finish
    fizzle flare flee flood flop flourish fluctuate fold force foreshadow freeze fuel go grow hail hamper happen harm
    hatch help herald hesitate hide hinder hinge hit hurt ignite impede imperil implode improve incite incur indicate
    induce infect infest influence injure inspire intensify isolate jeopardise jeopardize kill languish last lead leak
    leave lift linger loom lose lower lure lurk maim mask match materialise materialize matter mean melt metastasise
    metastasize misfire mutate narrow need occur open outlast outlive outmanoeuvre outnumber outrage outweigh overflow
    overtake overwhelm pave peak perish permeate persist persuade plateau plunge poison pollute preclude presage progress
    prompt propagate prosper prove provoke push quit rain raise rattle rebound recover recur reduce reflect regret relapse
    render reoccur repel require resent resign result resurface retire reveal rise rival rot rupture rust save scar
    segregate shape shift shrink sicken signal sink skyrocket slide slip slow slump snap snow soar sour spare spark spawn
    spell spill spiral spread sprout sputter stagnate stall starve stem stimulate stir stoke strengthen strike struggle
    subside succeed suffer suggest surge surprise survive swallow swell swing tempt terrify thaw threaten thrive tilt tip
    transpire trigger tumble turn undergo underlie undermine undo unravel upend vanish vary wane want warm weaken widen
    wind wither work worsen wound wreck""",
    "change": """abandon accomplish achieve act add announce answer approve attempt avoid axe back beat begin bid block break bring buy
    close consider control copy create cross cry deal disagree ditch draw drop earn ease escape expand express find fit
    focus follow gain generate get give hold impact increase inflict initiate interfere intervene introduce join justify
    keep launch link loosen make meet merge miss move offer oppose overlook pay point produce protect pull put range reach
    reconsider regain reject relocate reopen resolve respond rethink ruin run satisfy scrap see seek sell send set settle
    shelve show shut side skip solve span stand step sue support sustain switch take tell tighten transform try turn unite
    unleash unveil win yield""",
    "state": """amount appear apply assume be believe belong care concern connote consist constitute contain correspond cost date
    denote depend depict derive deserve differ doubt exist express feel forget hail hate have hold hope imagine involve
    know lack last lie like look love mean mind originate owe pertain prefer realise realize recognise recognize refer
    relate remember represent resemble seem share sound stand stem strike suffice suspect think underlie understand vary
    want weigh wish""",
    "able": """accommodate add afford bake breathe buy carry catch climb cook count cross dance distinguish dive draw drive earn eat
    enter escape feed feel fill find fit fix fly follow get hear hit hold house identify jump kick knit leap leave lift
    live make manage mend milk move name outpace outplay outrun outsell paint pass pick play plough reach read recall
    recite recognise recognize remember repair return ride run sail save seat see sell sew shoot sing sit sleep smell
    speak spell spot stand stay stop swim taste tell throw touch turn understand walk work write""",
    "skill": """accomplish achieve attend bend boast break bring build burn calculate chat choose close come complete control convince
    crawl cut defend describe detect dig discern do drain drink drop explain fight finish give go grab grow handle have
    help hide host imitate join lay lean learn light load manage meet mimic open pack park perform persuade pick pour
    prevent prove raise resolve rest send sense serve shove show shut smoke solve spend spot squeeze store stretch switch
    take talk translate use visit vote""",
    "say": """acknowledge admire admit agree allude analyse analyze anticipate apologise apologize argue assert associate boast
    calculate celebrate characterise characterize claim classify compare complain concede conclude confirm connect deduce
    define derive describe design detect disagree discern discover dispute distinguish enjoy envision estimate expect
    foresee guess identify imply infer insist interpret joke judge label learn measure note observe predict pretend
    recommend regard relate remind repeat reply respect respond say simplify specify state suggest summarise summarize
    term thank translate trust urge verify view visualise visualize warn""",
}
"""Verbs in their base form: acts that one needs leave for, acts of any kind, what befalls, what brings about a change, states,
what senses and strength are able to, what skill is able to, saying and judging. Many stand under several."""

NOUNS = {
    "ruled": """account-holder accused adult alien allotment-holder angler anybody anyone appellant applicant apprentice arbitrator
    asylum-seeker athlete attorney auditor bailiff barrister bearer beekeeper beneficiary bidder bishop boarder borrower
    broker buyer camper candidate captain cardholder carer child citizen claimant clergy client clinician club coach
    commuter competitor constable consumer contestant contractor convict coroner counsel creditor crew customer cyclist
    deacon dealer debtor defendant delegate depositor detainee docker doctor dog-owner donor driver drone-owner elector
    employee employer entrant everybody everyone examinee executor expatriate exporter farmer father fisherman flyer
    foreigner goalkeeper graduate grower guard guardian guest gunner heir hiker holder holidaymaker homeowner householder
    hunter immigrant importer infant inmate inpatient inspector intern invigilator jockey judge juror keeper laborer
    labourer landlady landlord landowner learner leaseholder lecturer licensee litigant lodger magistrate manufacturer
    master member midwife migrant minor mother motorist national next-of-kin nobody non-citizen notary nurse occupant
    occupier offender officer operator outpatient owner parent passenger passholder patient pedestrian pensioner
    permit-holder person petitioner pharmacist physician picker pilgrim pilot plaintiff player plotholder policeman
    policyholder prescriber priest prisoner publican pupil purchaser rambler ranger reader recipient referee refugee
    relative resident respondent retailer retiree rider rower runner sailor saver schoolchild seller shareholder
    shopkeeper shopper sixth-former skipper smallholder soldier solicitor someone spouse staff stallholder steward student
    subcontractor subscriber supplier surgeon suspect teacher tenant ticket-holder tourist trader trainee traveler
    traveller trustee tutor umpire undergraduate user vendor vet veteran vicar visitor voter walker warden whoever widow
    widower witness worker""",
    "folk": """actor aircraft airline animal artist author band bank bar bicycle bike boat boy business car chair chairman chairwoman
    clerk clinic college commissioner company councillor councilor couple director dog drone editor family ferry firm girl
    governor group horse hospital hotel household insurer journalist lender lorry man minister mp pair party peer people
    performer pharmacy photographer president pub reporter restaurant school scooter secretary senator ship shop singer
    team treasurer truck university van vehicle vessel woman writer""",
    "body": """agency assembly association authority bench board body cabinet chamber church commission committee commons congress
    council court crown defence defense department diocese federation government house inspectorate judge jury league
    legislature lords ministries ministry ombudsman panel parliament police prosecution registrar regulator senate side
    society state synod tribunal trust union watchdog""",
    "paper": """alcohol appeal application bag ballot barbecue bonfire bottle calculator camera certificate child claim complaint copy
    deposit device dictionary document dog drink extension fee fence fine fire firearm flash food form glass gun handset
    knife laptop licence license luggage mobile objection payment permit pet phone photo photograph proxy refund shed tent
    ticket tree vote weapon""",
    "event": """accident anger answer asteroid attack avalanche backlash battery bid bill bird blast bond bone bridge building cable
    campaign cancer cause ceasefire ceiling chance change closure cloud clue collision comet conflict consequence cost
    crack crash crisis cut dam damage danger data deal death debt decision decline deficit delay demand disease dispute
    doubt drop drought drug earthquake economy effect election engine epidemic error eruption evidence explanation
    explosion factory fall fault fear figure finding fire fish flaw flock flood fog fossil frost glacier grid growth harm
    heat heatwave herd hope impact increase infection inflation injury landslide leak line loss market merger mill mine
    mistake mood move number opposition outbreak outcome output pandemic patience peace pipe pit plan planet plant
    population pressure price problem production profit project pump quake question rain rate reactor reason referendum
    rent result revenue rise risk road roof row ruling salary sale sample scandal scheme share shift shortage shot
    side-effect skull snow species star stock storm strain strike study supply support symptom takeover talk talks
    temperature tension test threat tide toll tower trace treatment trouble truce tumor tumour tunnel turnout vaccine
    valve variant verdict virus vote wage wall war wave weather wildfire wind yield""",
    "voice": """activist analyst campaigner critic detective doctor ecologist economist engineer expert forecaster investigator lawyer
    observer official opponent researcher scientist trader""",
    "told": """anecdote apart ballot bead difference fable fortune joke lie riddle rosary secret story tale time truth vote yarn""",
    "called": """ambulance attention ballot bluff brigade cab camera cat coastguard conference cue doctor dog election electrician
    engineer fire-brigade fireman halt helpline hotline inquest inquiry lifeboat lift locksmith lot meeting name number
    order plumber police porter press-conference priest referendum register rehearsal roll session strike switchboard taxi
    time truce vet vote waiter walkout witness""",
    "manner": """ability age alphabet calendar class color colour custom decree distance formula grade height income instruction
    instructions length means merit need number numbering order pattern plan post postcode price programme protocol rank
    recipe region rule scale schedule script scripture season seniority size status statute taste tide timetable tradition
    type usage value weight width""",
    "source": """agency data document email figure filing letter memo minute newspaper official paper poll record report source
    spokesman spokesperson spokeswoman statement study survey transcript website witness""",
}
"""Nouns in the singular: persons under a rule, other folk, bodies that rule, things that a rule is about, events and what they
befall, those who foresee; what is told but passes nothing on, who or what is called in, by what a thing is done "according to",
what is a source."""

FRAMES = {
    "rule": """accordance act agreement allowed article authorised authorized bail ban banned bans by-law by-laws byelaw byelaws
    bylaw bylaws charge charter clause code conditions consent constitution contract convention decree edict eligible
    entitled entitlement exempt exemption fee fine forbidden free granted guidance guideline guidelines handbook
    injunction law lawful lawfully laws leaflet lease leave legally legislation licence licences license licensed limit
    maximum minimum notice order orders ordinance paragraph penalty permission permit permits permitted policy prohibited
    protocol provided provision provisions quota regulation regulations right rights rule rulebook ruled rules ruling
    scheme section sign statute terms treaty visa visas waiver""",
    "limit": """accompanied any anytime anywhere each except freely lawfully legally maximum no once only otherwise per prior provided
    supervised twice unless until within without written""",
    "guess": """already analysts because believe believed believes concern concerned concerns doubt doubts economists eventually
    expected expects experts fear feared fears forecast forecasters forecasts hint hinted hints hope hoped hopes later
    likely one predict predicted predicts researchers risk rumors rumours scientists since someday soon speculation
    suggest suggested suggests suspect suspects think thinks tomorrow ultimately uncertain unclear unlikely warn warned
    warning warns well worried worries worry""",
    "past": """1900 1910 1920s 1930s 1940s 1950s 1960s 1970s 1980s 1990s 2000s ago back before boy boyhood century child childhood
    days decades earlier era former formerly girl grandfather grandmother heyday old once previously prime recalled
    recalls remembered remembers then until used war when while young younger youth""",
    "habit": """always boy child childhood daily days each evenings every girl mornings nightly nights often regularly saturdays
    sometimes summer summers sunday sundays usually weekly whenever winter winters""",
    "chance": """chance declined instead missed never nobody offered refuse refused turned""",
}
"""Words that tell anywhere in a sentence of a rule or a limit to it, a guess, the past, a habit, a chance not taken."""

_IRREGULAR = """become:become begin:begun bend:bent bet:bet bid:bid blow:blown break:broken bring:brought build:built burn:burnt
    buy:bought cast:cast catch:caught choose:chosen come:come cost:cost cut:cut deal:dealt dig:dug do:done draw:drawn
    drink:drunk drive:driven eat:eaten fall:fallen feed:fed feel:felt fight:fought find:found flee:fled fly:flown
    forget:forgotten freeze:frozen get:got,gotten give:given go:gone grow:grown hear:heard hide:hidden hit:hit hold:held
    hurt:hurt keep:kept know:known lay:laid lead:led learn:learnt leave:left lend:lent let:let lie:lain lose:lost
    make:made mean:meant meet:met melt:melted overtake:overtaken pay:paid put:put quit:quit read:read rent:rent
    ride:ridden ring:rung rise:risen run:run say:said see:seen seek:sought sell:sold send:sent set:set sew:sewn shoot:shot
    show:shown shrink:shrunk shut:shut sing:sung sink:sunk sit:sat sleep:slept speak:spoken spell:spelt spend:spent
    spill:spilt split:split spread:spread stand:stood strike:struck sublet:sublet swim:swum take:taken teach:taught
    tell:told think:thought throw:thrown undergo:undergone understand:understood undo:undone wear:worn wed:wed win:won
    wind:wound withdraw:withdrawn write:written"""
_DOUBLE = """admit ban bar beg begin cancel compel confer defer deter dip drop drug expel fit fuel grab incur label occur permit
    plan prefer refer regret repel rot ship shop signal skip slip snap span step stop submit tap tip transfer trap travel"""
_DOUBLED = frozenset(_DOUBLE.split())


def _past(verb: str, irregular: Mapping[str, list[str]]) -> list[str]:
    """The participles of a verb."""
    if verb in irregular:
        return irregular[verb]
    if verb.endswith("e"):
        return [verb + "d"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [verb[:-1] + "ied"]
    if verb in _DOUBLED:
        return [verb + verb[-1] + "ed", *([verb + "ed"] if verb.endswith("l") else [])]
    return [verb + "ed"]


def _plural(noun: str) -> str:
    """The plural of a noun, or what would be one."""
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if noun.endswith("child"):
        return noun + "ren"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _forms() -> Iterator[tuple[str, str]]:
    """Each role with a word that has it: a verb (v:), a participle (p:), a noun (n:) or a word of a frame (f:)."""
    irregular = {verb: forms.split(",") for verb, forms in (one.split(":") for one in _IRREGULAR.split())}
    for name, words in VERBS.items():
        for word in words.split():
            yield "v:" + name, word
            yield from (("p:" + name, form) for form in _past(word, irregular))
    for name, words in NOUNS.items():
        for word in words.split():
            yield from (("n:" + name, form) for form in (word, _plural(word)))
    for name, words in FRAMES.items():
        yield from (("f:" + name, word) for word in words.split())


def _roles() -> dict[str, frozenset[str]]:
    roles: dict[str, set[str]] = defaultdict(set)
    for role, word in _forms():
        roles[role].add(word)
    return {role: frozenset(words) for role, words in roles.items()}


ROLES = _roles()
"""The words of each role in all their forms."""
