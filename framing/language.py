"""Is this text English? Scripts by their code points, languages of the Latin script by their function words.

A text is read as English unless it shows that it is not: a headline of names holds no function word of any language.
Evidence is counted in a sample of words spread over the text, so that a long quotation does not decide for the whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

BLOCKS, BLOCK = 8, 50  # neighbours, not every n-th word: lists have a period ("Smith, 3, Jones, 4")
LONGEST = 40  # characters of a word that are read; a megabyte without a space is one word
ENOUGH = 20  # words from which known words must be found
LEAD = 3  # known words by which another language must be ahead of English
PROOF = 2  # of these, words that do not stand in names

FUNCTION_WORDS = {
    "en": """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which you
    were her she all would there been one their we him has when who will more no if out so said what up its about into than them
    can only other new some could time these two may then do first any my now such like our over man me even most made after also
    did many before must through back years where much your way well down should because each just those people how too good very
    make world still own see men work long get here between both life being under never day same another know while last might us
    great old year off come since against go came right used take three says say don't doesn't didn't isn't wasn't aren't weren't
    can't couldn't won't wouldn't it's that's he's she's i'm i've we're they're you're there's what's i during without again
    however around though until whether although yet every few less least once upon per within along among toward towards across
    behind beyond despite near why whose whom itself himself herself themselves myself ourselves does doing done having makes
    making taking got getting going goes went gone think thought want wants need needs asked told called according later ago next
    today tomorrow yesterday night week month several half four five six seven eight nine ten hundred million billion second third
    high low big small little best better worse worst always often ever nothing something anything everything someone anyone
    everyone nobody government police court law news state president company children woman women home house school city country
    group part end kill killed dies dead found find help show shows amid vs cup cups teaspoon tablespoon add chopped away won lost
    beat beats win wins draw let let's set put keep left top""",
    "es": """el la los las de del y a en un una unos unas que se no por con para su sus al lo como más pero le les ya o este esta
    estos estas ese esa eso sí porque entre cuando muy sin sobre también me hasta hay donde quien quienes desde todo toda todos
    todas nos durante uno ni contra otros otras otro otra ante ellos ellas e esto mí antes algunos algunas qué yo él ella tanto
    mucho muchos muchas nada poco cual cuales es son fue fueron ser está están era eran ha han había habían sido tiene tienen
    tenía puede pueden hace hacer según dijo aunque mientras después tras años año días día ayer hoy así solo sólo cada aún además
    sino si mismo misma gobierno parte menos mayor mejor dos tres va será serán nuestro nuestra cómo señaló aseguró pasado
    millones luego quedó siempre nunca bajo hacia""",
    "fr": """le la les de des du un une et à au aux en que qui dans pour par sur pas ne plus ce cette ces se sa son ses il elle
    ils elles nous vous je tu on mais ou où donc or ni car avec sans sous entre vers chez contre depuis pendant après avant comme
    si est sont était étaient été être a ont avait avaient avoir fait faire peut peuvent doit leur leurs notre nos votre vos mon
    ma mes y dont lui eux même mêmes aussi très bien encore toujours tout tous toute toutes autre autres quand ainsi alors selon
    deux trois ans an jours jour hier c'est qu'il qu'elle qu'ils d'un d'une n'est s'est l'on j'ai n'a n'ont qu'un qu'une qu'on
    d'autres c'était jusqu'à lorsque puis cela ça ceux celle celui moins déjà quelques plusieurs sera seront afin parce trop peu
    chaque dernier dernière lors dès face heures mois""",
    "de": """der die das den dem des und in zu von mit ist im nicht ein eine einer einem einen eines auf für als auch an es sich
    dass daß sie er wir ihr ich du aus bei nach wie um am hat haben hatte hatten wird werden wurde wurden war waren sind sein
    seine seiner seinen seinem ihre ihren ihrer ihrem aber oder noch nur so wenn über vor zur zum bis durch unter gegen ohne
    zwischen seit während schon mehr sehr kann können könnte soll sollen sollte muss müssen will wollen man was wer wo da dann
    denn weil damit doch kein keine keinen alle allem allen diese dieser dieses diesem diesen jahr jahre jahren beim vom ab immer
    wieder sowie bereits rund zwei drei gab gibt sagte teilte heute gestern uhr habe sei mir mich uns ihm ihn ihnen hier dort
    jedoch etwa weitere dabei worden darf dürfen gut ob""",
    "it": """il lo la i gli le un uno una di a da in con su per tra fra e è o che non si del dello della dei degli delle al allo
    alla ai agli alle dal dalla dai dalle nel nella nei nelle negli sul sulla sui sulle col come ma anche se più sono era erano ha
    hanno aveva avevano essere stato stata stati state fu suo sua suoi sue loro questo questa questi queste quello quella quelli
    quelle ci ne mi ti vi lui lei noi voi io chi cui quando dove perché già ancora solo dopo prima ora molto tutto tutti tutta
    tutte altri altre altro ogni c'è l'ha dell'anno anni anno due tre ieri oggi fatto fare può possono deve ed ad secondo senza
    contro durante mentre così poi meno quanto ben sempre mai proprio nostro nostra verso sarà ore giorni c'era un'altra quasi qui
    circa parte fino stesso qualche invece""",
    "pt": """o a os as de do da dos das e é em no na nos nas um uma uns umas que se não por pelo pela pelos pelas com para seu sua
    seus suas ao aos à às como mais mas ou já foi foram ser são está estão era eram tem têm tinha ter há havia sido pode podem vai
    vão fazer quando muito muita muitos também só até isso este esta estes estas esse essa esses essas aquele ele ela eles elas eu
    nós você lhe me entre sem sobre depois antes desde durante contra após segundo ainda onde quem qual quais cada outro outra
    outros outras todo toda todos todas mesmo mesma nem então porque anos ano dia dias dois duas três ontem hoje disse afirmou num
    numa deste desta nesta neste desse dessa pois agora bem menos apenas sob enquanto será serão nosso nossa milhões além embora
    cerca ficou""",
    "nl": """de het een en van in is dat op te voor met zijn die niet aan er om ook als dan bij naar uit door over ze hij zij we
    wij ik je jij u haar hem hun ons onze mijn heeft hebben had hadden was waren wordt worden werd werden kan kunnen kon zal
    zullen zou zouden moet moeten mag wil willen maar of want nog wel al meer veel geen tot tegen tussen onder na tijdens sinds
    volgens zonder toen nu hier daar waar wie wat hoe deze dit dus omdat terwijl zo zeer heel alle alles andere anders jaar jaren
    dag dagen gisteren vandaag twee drie eerste zei zegt aldus ben bent geweest gaat gaan ging komt komen kwam weer echter zoals
    toch alleen binnen vanaf ongeveer men mensen nieuwe miljoen uur""",
    "pl": """i w z na do nie się że to jest o jak a ale po co za od dla przez przy pod nad ze we jego jej ich tym ten ta te tego
    tej temu tych który która które których którzy którym był była było były być są będzie będą może mogą można ma mają miał oraz
    lub czy już tylko także też jeszcze bardzo gdy kiedy jeśli gdzie więc bo żeby aby ponieważ przed między bez podczas według pan
    pani my wy oni on ona ono ja ty mnie mu jemu nich nim nią nas was sobie swój swoje swoją swoich wszystko wszystkich wszyscy
    lat roku rok latach dni dzień wczoraj dziś dwa dwie trzy jednak został została zostały tak tam tu powiedział powiedziała ponad
    około kilka więcej mniej żadnych każdy inne innych bowiem""",
    "sv": """och i att det som en på är av för med den till inte om ett har de han hon var jag vi ni du man men så från vid eller
    när kan ska skulle efter hade nu under mot också där även sin sitt sina mycket bara över vad här ut upp då få får blir blev
    bli vara varit ha kommer mer än alla sedan in utan dessa denna detta två tre andra första år åren dag dagar enligt säger sade
    inom mellan samt dem dess deras hans hennes vår våra någon något några ingen inga hur varför vilken vilket redan igen måste
    vill ville kunde göra gör gjorde går mest både genom innan förra igår idag eftersom tidigare runt cirka fått gick""",
    "da": """og i at det som en på er af for med den til ikke om et har de han hun var jeg vi du man men så fra ved eller når kan
    skal skulle efter havde nu under mod også hvor der sin sit sine meget kun over hvad her ud op da få får bliver blev blive være
    været have kommer mere end alle siden ind uden disse denne dette to tre andre første år dag dage ifølge siger sagde mellem
    samt dem deres hans hendes vores nogen noget nogle ingen hvordan hvorfor hvilken allerede igen må vil ville kunne gøre gør
    gjorde går mest både gennem inden sidste fordi tidligere mens cirka""",
    "no": """og i at det som en på er av for med den til ikke om et har de han hun var jeg vi du man men så fra ved eller når kan
    skal skulle etter hadde nå under mot også hvor der sin sitt sine mye bare over hva her ut opp da få får blir ble bli være vært
    ha kommer mer enn alle siden inn uten disse denne dette to tre andre første år dag dager ifølge sier sa mellom samt dem deres
    hans hennes noen noe ingen hvordan hvorfor allerede igjen må vil ville kunne gjøre gjør gjorde går mest både gjennom før siste
    fordi tidligere mens ei ikkje eit frå""",
    "ro": """și în de la cu pe nu un o a al ale ai este sunt era erau fost fi fie va vor să se că ce care din prin pentru sau dar
    iar mai după până între fără sub peste spre către despre când unde cum dacă deci căci acest această aceste acestea acesta
    acestei acestui acel acea aceea lui ei lor său sa sale săi el ea noi voi ele eu tu îi îl le ne vă mă te am are au avea avut
    poate pot trebuie foarte numai doar tot toate toți toată alt altă alte alți fiecare ani an anul zile zi ieri astăzi doi două
    trei potrivit precum încă deja atunci acum aici acolo nici chiar astfel prima primul unei unui unor într-un într-o spus
    declarat însă""",
    "ca": """el la els les de del dels i a en un una uns unes que es no per amb als al ho com més però li ja o aquest aquesta
    aquests aquestes perquè entre quan molt sense sobre també fins on qui des tot tota tots totes ens altres altre altra després
    abans és són va van ser està estan era ha han havia té tenen pot poden fer segons dir encara mentre anys any dies dia ahir
    avui així només cada seu seva seus seves d'un d'una s'ha l'any""",
    "cs": """a v na se je že to s z do o i ve k za pro po by od jako si ale který která které jsou byl byla bylo byli být není
    jeho její jejich při nebo podle až už také jen další co tak jak když kde aby ještě má mají měl může mohou ze před mezi bez
    během proti protože proto než více však ten ta tento tato toto této tom tomu těch tím jsem jsme jste on ona oni my vy já mu ji
    jim ním nás vás svůj své svou svých všechny všech vše lety let roku rok roce dnes včera dva dvě tři bude budou pak tedy kdo
    nic kterou kterých uvedl řekl řekla pod nad asi kolem pouze velmi""",
    "sk": """a v na sa je že to s z do o i vo k za pre po by od ako si ale ktorý ktorá ktoré sú bol bola bolo boli byť nie jeho
    jej ich pri alebo podľa až už tiež len čo tak keď kde aby ešte má majú mal môže môžu zo pred medzi bez počas proti pretože
    preto než viac však ten tá tento táto toto tejto tom som sme ste on ona oni my vy ja mu im nás svoj svoje svojich všetky
    všetkých rokov roku rok dnes včera dva dve tri bude budú povedal uviedol""",
    "hr": """i u na je se da su za od s sa ne o to kao što koji koja koje bi će ali ili iz po do a nije biti bio bila bilo bili
    samo kako već još kad kada gdje gde jer nakon posle prije pre između bez protiv zbog prema pod nad ovo ova ovaj taj ta te tako
    njegov njegova njihov on ona oni mi vi ja smo ste sam ga mu joj ih im nas sve svi svih može mogu treba godine godina godini
    dana danas jučer dva tri rekao kazao kojih kojem""",
    "tr": """ve bir bu da de için ile çok daha olarak gibi kadar en ne ama ancak veya ya hem o şu ben sen biz siz onlar onun bunun
    onu bunu her hiç mi mı mu mü değil var yok olan oldu olduğu olduğunu olup olması sonra önce göre ise diye ki iki üç ilk son
    yeni büyük tüm bütün bazı diğer aynı kendi şey zaman yıl yılında gün bugün dün dedi söyledi etti ettiği etmek eden edildi
    yaptığı yapılan yapan arasında üzerinde üzerine karşı tarafından nedeniyle içinde dolayı birlikte rağmen yaklaşık fazla az
    şimdi artık bile sadece yalnızca çünkü eğer nasıl neden kim nerede bana sana ona bize size onlara milyon bin ayrıca devam
    ederek edilen olacak""",
    "id": """yang dan di dari ke untuk pada dengan ini itu tidak dalam adalah akan oleh juga atau sebagai telah bisa dapat karena
    ada mereka kami kita saya dia ia anda para sudah belum lebih seperti namun tetapi tapi bahwa saat setelah sebelum ketika
    hingga sampai antara tentang terhadap secara tersebut menjadi hanya masih lagi sangat semua setiap orang tahun hari kata ujar
    dua tiga satu lain banyak sejak agar jika maka bagi per kepada atas tanpa selama serta harus ingin bukan pun lalu kemudian hal
    beberapa sekitar pemerintah negara merupakan mengatakan sebuah seorang""",
    "fi": """ja on ei että se oli hän ovat olla mutta ole myös kun joka kuin tai jos niin sen hänen mukaan vain jo ne nyt sekä
    vielä mitä ollut olivat olisi eivät me te he minä sinä mikä jotka jossa josta jonka kanssa jälkeen ennen noin yli alle koska
    sitä siitä siinä siihen tämä tämän tässä tätä nämä näin kaikki kaikkien muun muut muita monet voi voivat pitää täytyy saa sai
    tulee tuli hyvin eli eikä kuitenkin sitten aina vuonna vuoden vuotta vuosi tänään eilen kaksi kolme ensimmäinen sanoi sanoo
    kertoi kertoo kuten toinen välillä ilman vastaan aikana itse mukana enemmän""",
    "hu": """a az és hogy nem is egy ez meg de van volt már csak el még mint ha azt ki vagy fel be le azonban után szerint pedig
    amely aki ami akik amelyek ezt ebben abban arra erre lesz lett volna kell lehet több nagyon minden mert majd úgy így itt ott
    most között ellen alatt előtt miatt során illetve két három első év éve évben nap ma tegnap mondta közölte ők mi ti én te őt
    neki nincs sem sincs""",
    "af": """die en van in is het dat nie vir met op aan om te hy sy ons hulle ek jy 'n wat was sal word deur ook as maar by uit
    na oor tot of kan moet wees meer hierdie daar sê se kon wou nog so toe baie jaar mense""",
    "vi": """và của là có được cho không các một những trong với người đã này để khi đến từ về ở tại ra vào năm như cũng nhiều sẽ
    đang sau trên còn theo ông bà họ tôi hơn phải vì nhưng rằng đó thì lại nước""",
    "tl": """ang ng sa na mga ay at si ni kay ito siya niya sila nila ako ko mo ka kami tayo hindi may mayroon para kung dahil
    pero nang pa rin din lang ayon isang dalawang noong ngayon kaya ba po""",
    "sw": """ya na wa kwa ni katika la za cha kuwa hii huo hiyo huyo yake wake lakini pia kama ili baada kabla sana watu mwaka
    siku alisema amesema ambao ambayo hata bado zaidi yao wao sisi wote kila""",
    "la": """est et in ad ab ex ut qui quae quod quo cum non sed sunt esse hic haec hoc hi inter enim autem atque aut nec neque
    quam quibus eius eum ea id sibi per pro omnes omnia tamen etiam iam si nam fuit erat sit""",
}
"""Common words by language, mostly function words; a word may stand in several."""

PARTICLES = frozenset({
    "al", "as", "da", "com", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "en", "in", "la", "las", "le",
    "les", "los", "no", "on", "san", "te", "ten", "van", "von",
})  # fmt: skip
"""Words that stand in names and links, and so in English, without telling a language."""

ENDINGS = ("ing", "ed", "ly", "ght", "'s", "ness", "ck", "sh", "th", "ey", "ew", "ry", "ty", "ow", "ers")
"""How English words end; for lists that hold no function word."""

# First code point and script; "" for what is no script's. Sorted.
SCRIPTS = (
    (0x0, "Latn"), (0x370, "el"), (0x400, "Cyrl"), (0x530, "hy"), (0x590, "he"), (0x600, "Arab"), (0x700, ""), (0x750, "Arab"),
    (0x780, "und"), (0x8A0, "Arab"), (0x900, "hi"), (0x980, "bn"), (0xA00, "pa"), (0xA80, "gu"), (0xB00, "or"), (0xB80, "ta"),
    (0xC00, "te"), (0xC80, "kn"), (0xD00, "ml"), (0xD80, "si"), (0xE00, "th"), (0xE80, "lo"), (0xF00, "bo"), (0x1000, "my"),
    (0x10A0, "ka"), (0x1100, "ko"), (0x1200, "am"), (0x13A0, "und"), (0x1780, "km"), (0x1800, "mn"), (0x18B0, "und"),
    (0x1C80, "Cyrl"), (0x1C90, "ka"), (0x1CC0, ""), (0x1D00, "Latn"), (0x1F00, "el"), (0x2000, ""), (0x2C60, "Latn"),
    (0x2C80, "und"), (0x2DE0, "Cyrl"), (0x2E00, ""), (0x2E80, "Hani"), (0x2FE0, ""), (0x3040, "Hani"), (0x3100, "Hani"),
    (0x3130, "ko"), (0x3190, "Hani"), (0x3200, ""), (0x3400, "Hani"), (0x4DC0, ""), (0x4E00, "Hani"), (0xA000, "und"),
    (0xA640, "Cyrl"), (0xA6A0, "und"), (0xA720, "Latn"), (0xA800, "und"), (0xAB30, "Latn"), (0xAB70, "und"), (0xAC00, "ko"),
    (0xD7B0, ""), (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB13, "und"), (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"),
    (0xFF00, "Latn"), (0xFF66, "Hani"), (0xFFA0, "ko"), (0xFFE0, ""), (0x10000, "und"), (0x1D400, "Latn"), (0x1D800, ""),
    (0x20000, "Hani"), (0x32000, ""),
)  # fmt: skip
STARTS = [start for start, _ in SCRIPTS]
DENSE = {"Hani": 3, "ko": 2}  # a character of these says as much as that many Latin letters

KANA = "".join(map(chr, range(0x3041, 0x30FB)))
# Languages of one script by letters of their own: the first that are over the share of the script's letters, else the last.
LETTERS = {
    "Cyrl": (
        ("be", "ў", 0.005), ("mk", "ѓќѕ", 0.004), ("sr", "ђћљњј", 0.01), ("ru", "ыэё", 0.006), ("uk", "іїєґ", 0.01), ("bg", "ъ", 0.008),
        ("ru", "", 0),
    ),
    "Arab": (("ur", "ٹڈڑےہں", 0.02), ("fa", "پچژگکی", 0.02), ("ar", "", 0)),
    "Hani": (("ja", KANA, 0.05), ("zh", "", 0)),
}  # fmt: skip


def identify(words: Sequence[str], text: str) -> str | None:
    """The language of a text, where the question is whether it is English.

    Parameters
    ----------
    words : sequence of str
        Lower-case tokens of the cleaned text, with straight apostrophes; punctuation among them does no harm.
    text : str
        The cleaned text.

    Returns
    -------
    str or None
        ``"en"``; another ISO 639-1 code; ``"und"`` for what is not English but not known either; None where there is
        nothing to tell from: no words, or a few numbers.

    Notes
    -----
    Under `ENOUGH` words a text is English unless `LEAD` more words of another language are found than English ones.
    """
    sample = _sample(words)
    if not text.isascii() and (script := _script(sample)):
        return script
    return _latin(sample)


def _sample(words: Sequence[str]) -> Sequence[str]:
    """All words, or `BLOCKS` runs of `BLOCK` words spread evenly."""
    if len(words) <= BLOCKS * BLOCK:
        return words
    stride = (len(words) - BLOCK) / (BLOCKS - 1)
    return [word for i in range(BLOCKS) for word in words[int(i * stride) : int(i * stride) + BLOCK]]


def _script(sample: Sequence[str]) -> str | None:
    """The language by script, if over half of the letters are not Latin."""
    odd = [word[:LONGEST] for word in sample if not word.isascii()]
    chars = Counter("".join(odd))
    scripts: Counter[str] = Counter()
    for char, count in chars.items():
        script = SCRIPTS[bisect_right(STARTS, ord(char)) - 1][1]
        if script not in ("", "Latn") and char.isalpha():
            scripts[script] += count * DENSE.get(script, 1)
    if not scripts:
        return None
    latin = sum(len(word[:LONGEST]) for word in sample if word.isascii() and word.isalpha())
    latin += sum(count for char, count in chars.items() if char < "\u0370" and char.isalpha())
    return _of_script(scripts.most_common(1)[0][0], chars) if scripts.total() > latin else None


def _of_script(script: str, chars: Counter[str]) -> str:
    """The language of a script, by the letters that only it has."""
    if script not in LETTERS:
        return script
    total = sum(count for char, count in chars.items() if char >= "\u0370" and char.isalpha())
    return next(language for language, own, share in LETTERS[script] if sum(chars[char] for char in own) >= share * total)


def _latin(sample: Sequence[str]) -> str | None:
    """The language of words in Latin script."""
    known = _known()
    found = Counter(map(known.get, sample))
    scores: Counter[str] = Counter()
    for languages, count in found.items():
        for language in languages or ():
            scores[language] += count
    english = scores.pop("en", 0)
    best, score = max(scores.items(), key=lambda item: item[1], default=("und", 0))
    if score >= english + LEAD and _proof(best, sample) >= PROOF:
        return best
    if found[("en",)] * 10 >= len(sample) > 0:
        return "en"
    return _doubtful(sample, english, best, score)


def _proof(language: str, sample: Sequence[str]) -> int:
    """How many words of a language are not such as stand in names, nor initials."""
    known = _known()
    return sum(language in known.get(word, ()) for word in sample if len(word) > 1 and word not in PARTICLES)


def _doubtful(sample: Sequence[str], english: int, best: str, score: int) -> str | None:
    """The language of a text that holds few words only English has: a headline, a list, or something unknown."""
    words = [word for word in sample if len(word) > 1 or word.isalnum()]
    letters = [word for word in words if not word[:LONGEST].isdecimal()]
    if len(words) < ENOUGH:
        return "en" if letters else None
    looks = english + sum(word.endswith(ENDINGS) for word in letters)
    if looks and looks * 7 >= sum(word not in PARTICLES for word in letters):
        return "en"
    dense = score >= max(english + 1, LEAD, len(letters) / 8)
    return best if dense and _proof(best, sample) >= PROOF else "und"


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Each known word and its languages; equal tuples are one object."""
    return _inverted((language, word) for language, words in FUNCTION_WORDS.items() for word in words.split())


def _inverted(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """From pairs of language and word to the languages of each word, in the order given."""
    known: dict[str, tuple[str, ...]] = {}
    for language, word in pairs:
        if language not in known.get(word, ()):
            known[word] = (*known.get(word, ()), language)
    return known
