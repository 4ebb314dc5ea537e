"""What each harness starts from: short inputs made by hand, so that the fuzzer need not find out by
itself what a request, a token or a configuration looks like. `write(folder)` makes a folder per
harness; `words` become libFuzzer's dictionary for it."""
import base64
import json
from pathlib import Path

GET = "GET / HTTP/1.1\r\nHost: a\r\n"
POST = "POST /v1/news/sports HTTP/1.1\r\nHost: example.org:80\r\n"
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"

HEADS = [
    GET + "\r\n",
    "\r\n" + GET + "Accept: */*\r\nUser-Agent: x/1.0 (y; z)\r\n\r\n",
    POST + "Content-Length: 5\r\nContent-Type: application/json\r\n\r\nhello" + GET + "\r\n",
    CHUNKED + "5\r\nhello\r\n0\r\n\r\n" + GET + "\r\n",
    CHUNKED + "1;name=value;b=\"\\\"q;\"\r\na\r\n00A\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
    POST + "tRANSFER-eNCODING: \tChUnKeD \r\nExpect: 100-continue\r\n\r\n",
    "DELETE /x HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close, x\r\n\r\n",
    "HEAD http://example.org:8080/a?b=c HTTP/1.1\r\nHost: b\r\nX: \t y \xff z \t\r\nEmpty:\r\n\r\n",
    "GET /%C3%BC%F0%9F%98%80?a=%20+&b HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\n"
    "X-Request-Id: 1-2\r\nCookie: user_id=7; a=b\r\nAccept-Encoding: gzip, br\r\n\r\n",
    POST + "Content-Length: 0\r\n\r\n",
    POST + "Content-Length: 9223372036854775807\r\n\r\n",
    # What must be refused.
    POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    POST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
    POST + "Content-Length: +5\r\n\r\n",
    POST + "Transfer-Encoding: xchunked\r\n\r\n",
    POST + "Transfer-Encoding: chunked, gzip\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\n",
    GET + "X : a\r\n\r\n",
    GET + "X: a\r\n folded\r\n\r\n",
    GET + "Host: b\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n",
    # What just fits into the tight limits that the harness also tries.
    "GET /aa" + 12 * "%41" + " HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://" + 25 * "a" + "/ HTTP/1.1\r\nHost: a\r\nX: y\r\nX: y\r\nX: y\r\n\r\n",
    GET + "X: " + 103 * "y" + "\r\n\r\n",
]

OK = "HTTP/1.1 200 OK\r\n"
ANSWERS = [
    OK + "Content-Length: 5\r\n\r\nhello",
    OK + "Server: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n" + OK,
    OK + "\r\nuntil the end",
    "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hint\r\nLink: <a>\r\n\r\n" + OK +
    "Connection: close, x\r\nContent-Length: 1\r\n\r\nx",
    "HTTP/1.1 204 \r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nX: \t y \xff z \t\r\n\r\n",
    "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x01\x02",
    # What must be refused.
    OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    OK + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    OK + "Transfer-Encoding: xchunked\r\n\r\n",
    OK + "X: a\r\n folded\r\n\r\n",
    OK + "X : a\r\n\r\n",
    "HTTP/1.1 200\r\n\r\n",
    "HTTP/1.1 200 OK\nX: y\n\n",
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.1 100 C\r\nContent-Length: 1\r\n\r\n",
]

ITEM = {
    "title": "A title",
    "description": "",
    "content": "Text — \u00fc \U0001f600",
    "author": "A. Author",
    "tags": ["one", " two ", "one"],
    "status": "published",
    "published_at": "2026-05-04T10:20:30.123456+02:00",
}
USER = {"name": "Ann", "email": "ann@example.org", "password": "correct horse battery"}

NOW = 1772366400  # the harness's clock
CLAIMS = {"iss": "portal", "aud": "portal", "sub": "7", "exp": NOW + 600, "iat": NOW, "jti": "x",
          "role": "editor", "epoch": 0, "sid": "9"}
HEADER = '{"alg":"EdDSA","typ":"at+jwt","kid":"KID"}'
SESSION = '{"alg":"EdDSA","typ":"session+jwt","kid":"KID"}'


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def claims(**changes):
    return text({name: value for name, value in {**CLAIMS, **changes}.items()
                 if value is not None})


def base64url(plain):
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def event(kind, body):
    return f"article_{kind}.v1\n{text(body)}"


METADATA = {
    "authors": [12, 7],
    "images": [{"media": 501, "alt": "Two boats", "caption": "By a\nlength.", "credit": "Ann", "role": "lead"},
               {"media": 502, "role": "inline"}],
    "language": "pt-BR",
    "translations": [{"language": "en", "type": "world", "id": 9}],
    "related": [{"type": "sports", "id": 5}],
    "canonical_url": "https://example.org/late-goal?x=1",
}

WHOLE = {**ITEM, "published_at": "2026-05-04T10:20:30.123Z"}

SEEDS = {
    "head_guard": HEADS,
    "framing": HEADS,
    "response_guard": ANSWERS,
    "chunk_decoder": [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\nGET",
        "00000000000000A\r\n0123456789\r\na\r\nabcdefghij\r\n000\r\n\r\n",
        "3;name=value;b=\"q;\\\"\\\\\"\r\nabc\r\n0;x\r\n\r\n",
        "2\r\n\r\n\r\n0\r\n\r\n",
        "1\r\na\r\n0\r\nContent-Length: 99\r\nX:\r\n\r\n",
        "1;" + 200 * "e" + "\r\na\r\n0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
    ],
    "url": [
        "/",
        "/v1/news/all?limit=10&cursor=" + base64url("1772366400000000.7.sports"),
        "/v1/live?types=sports&since=politics:4,sports:12",
        "/v1/news/sports/7",
        "/v1/news/sports/7/versions/2",
        "/v1/news/tags/a%2Fb%20c",
        "/news/v1/all/1/10",
        "/%6e%65ws/v1/sports",
        "/v1//news",
        "/v1/news/",
        "http://example.org/v1/users/7?a=b",
        "/?a=%C3%BC&a=+x&&=y&b",
        # The first and the last characters of each length, and around the surrogates.
        "/%7F%C2%80%DF%BF?%E0%A0%80=%ED%9F%BF&%EE%80%80&%EF%BF%BF=%F0%90%80%80&%F4%8F%BF%BF",
        "*",
    ],
    "cookies": [
        "user_id=7",
        "a=b; user_id=7; user_id=8",
        "a=b;user_id=7 ; =x; ;y\nuser_id=9; __Host-portal=a.b.c",
        "user_id=\"a=b\"; xuser_id=1; user_idx=2",
    ],
    "json": [
        text(ITEM),
        text({**ITEM, "status": "draft", "published_at": None}),
        text({**ITEM, **METADATA, "summary": ""}),
        text({name: None for name in METADATA}),
        text({**ITEM, "published_at": "2999-01-01T00:00:00-12:00", "extra": [1, -2.5e3, True]}),
        text({"title": 7, "tags": "x", "published_at": "yesterday", "status": "removed"}),
        text(USER),
        text({**USER, "role": "admin", "name": " "}),
        text({"published_at": "9998-12-31T23:59:60Z"}),
        '{"a":1,"a":2}',
        '{"a":"\\u0000"}',
        '"\\ud83d\\ude00\\ud83d"',
        33 * "[" + 33 * "]",
        "[18446744073709551615,-9223372036854775808,1e308,1e309,-0]",
        "null x",
    ],
    "token": [
        "s" + HEADER + "\n" + claims(),
        "s" + HEADER + "\n" + claims(nbf=NOW + 10, exp=NOW + 1),
        "s" + HEADER + "\n" + claims(aud="other"),
        "s" + HEADER + "\n" + claims(csrf="x"),
        "s" + HEADER + "\n" + claims(exp=NOW + 601),
        "s" + HEADER + "\n" + claims(sid=None),
        "s" + SESSION + "\n" + claims(csrf="x", exp=NOW + 3600),
        "s" + SESSION + "\n" + claims(),
        "s" + HEADER.replace("EdDSA", "none") + "\n" + claims(),
        "f" + HEADER + "\n" + claims(role="admin"),
        "f" + HEADER.replace("EdDSA", "HS256") + "\n" + claims(),
        "f" + HEADER.replace("}", ',"jwk":{}}') + "\n" + claims(),
        "e\x00\x10\x03\x01",
        "e\x01\x40\x00A\x00\x05\x01=",
        "e\x00\x00\x02\x00",
        "hBearer a.b.c",
        "hbasic eDp5",
        "rabc.def.ghi",
        "r" + base64url(HEADER) + "." + base64url(claims()) + "." + 86 * "A",
        "k" + text({"keys": [{"kid": "a", "d": 43 * "A", "x": 43 * "A",
                              "created_at": "2026-01-01T00:00:00.000Z",
                              "signs_from": "2026-01-01T00:00:00.000Z"}]}),
    ],
    "config": [
        "{}",
        text({"http": {"listen": "127.0.0.1:0", "threads": 2, "header_timeout_ms": 5,
                       "tls": {"certificate": "a", "key": "b"},
                       "aliases": {"/news/v1": "/v1/news"}, "hosts": ["a"]}}),
        "{ // a comment\n \"security\": {\"mode\": \"closed\"}, /* x */ \"log\": {\"console\": 1}}",
        text({"gateway": {"trusted_proxies": ["10.0.0.0/8", "x"],
                          "cors": {"origins": ["https://example.org"], "credentials": True}}}),
        text({"news": {"types": ["sports", "Sports", "sports"]}, "identity": {"issuer": ""}}),
        '{"http":{"listen":"unix:/tmp/x","listne":1},"http":{}}',
        "PORTAL__HTTP__LISTEN=[::1]:80\nPORTAL__NEWS__TYPES=[\"a\"]\nPORTAL__X=1\n{}",
        "--set http.threads=4\n--set http.aliases={\"/a\":\"/b\"}\n--set =\n--set news=1\n",
        "--set http.listen=tls:127.0.0.1:443\n--set identity.access_life_s=-1\n",
        text({"http": {"threads": 65, "target_bytes_max": 0, "header_timeout_ms": 2**63},
              "identity": {"key_life_s": -2**63, "failures_free": 1.0}}),
    ],
    "events": [
        event("created", WHOLE),
        event("created", {**WHOLE, "status": "draft", "source_id": "a-1"}),
        event("revised", {"title": "B", "tags": []}),
        event("published", {"published_at": "2026-05-04T10:20:30.123Z"}),
        event("scheduled", {"published_at": "2030-05-04T10:20:30.123Z"}),
        event("unpublished", {}),
        event("removed", {}),
        event("revised", {"embargo_until": None, "expires_at": "2030-05-04T10:20:30.123Z"}),
        event("submitted", {"note": "N"}),
        event("withdrawn", {}),
        event("returned", {"note": "N"}),
        event("approved", {}),
        event("corrected", {"note": "N", "title": "B"}),
        event("killed", {"notice": "N"}),
        event("embargo_ended", {"status": "published"}),
        event("restored", {**WHOLE, "restored_version": 3}),
        event("restored", {**WHOLE, "restored_version": 3.5}),
        event("created", {"title": 7}),
        "article_created.v2\n{}",
        event("created", {**WHOLE, **METADATA}),
        event("restored", {**WHOLE, **METADATA, "restored_version": 3}),
        event("revised", METADATA),
        event("revised", {name: type(value)() for name, value in METADATA.items()}),
    ],
    "django_hash": [
        "pbkdf2_sha256$1000$abcDEF123456$G0WyLDhhtgUf0jKnJ0aGEDlRHfzbQJ6/O740OTJLBy8=",
        "pbkdf2_sha1$1000$salt$" + 27 * "A" + "=",
        "argon2$argon2id$v=19$m=64,t=1,p=8$c2FsdHNhbHRzYWx0$" + 43 * "A",
        "bcrypt_sha256$$2b$12$" + 53 * "a",
        "scrypt$1024$salt$8$1$" + 86 * "A" + "==",
        "md5$salt$1a2c2c90c7385530313d496d040cbf8c",
        "1a2c2c90c7385530313d496d040cbf8c",
        "!unusable",
    ],
    "addresses": [
        "10.0.0.1\n10.0.0.0/8,::1\n192.0.2.1, 10.1.1.1\n2001:db8::1, 10.2.2.2",
        "\n\n[2001:db8::1]:443 , 192.0.2.1:80",
        "::ffff:10.0.0.1\n10.0.0.0/8,2001:db8::/32\nunknown, [2001:db8::7]",
        "127.0.0.1:8080\n[::1]:8080,localhost:80\ntls:127.0.0.1:443\nunix:/run/x\ntls:[::1]:1",
        "https://example.org\nhttp://localhost:3000,*\nhttps://example.org/\nnull",
    ],
    "negotiation": [
        "Accept-Encoding: gzip, br",
        "Accept-Encoding: gzip;q=0.5, br;q=0.825, *;q=0\nAccept-Encoding: identity; q=1.000",
        "accept-encoding: x-gzip;Q=1, br;q=0",
        "If-Match: \"v7-1-gzip\", W/\"v7-1\"\nIf-None-Match: *",
        "If-None-Match: W/\"v7-1-gzip\",,\"a,b\"\nIf-Match: *",
        "Idempotency-Key: 0b5c\nIf-Match: \"a\"",
        "Authorization: bEaReR " + base64url(HEADER) + "." + base64url(claims()) + ".AAAA",
    ],
    "picture": [
        "\xff\xd8\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
        "\xff\xc0\0\x11\x08\0\x30\0\x40\x03\x01\x11\0\x02\x11\1\x03\x11\1\xff\xda",
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x30\x08\x06\0\0\0\0\0\0\0\xff",
        "GIF89a\x04\0\x02\0\x80\0\0\xff\0\0\0\0\xff!\xf9\x04\x01\0\0\x01\0,\0\0\0\0\x04\0\x02\0\0"
        "\x02\x03\x44\x02\x05\0;",
        "GIF87a\x02\0\x02\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x02\0\x02\0\x40\x02\x02\x44\x0a\0;",
        "RIFF\x30\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\x3f\0\0\x2f\0\0EXIF\x04\0\0\0II*\0\xff",
        "RIFF\x30\0\0\0WEBPVP8L\x10\0\0\0\x2f\x3f\xc0\x0b\0\0\0\0\0\0\0\0\xff",
        "\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf\xff",
    ],
    "site": [
        "/%61%2fb/caf\u00e9\n" + text({"redirects": [
            {"from": "/a", "to": "/b"}, {"from": "/b", "to": "/c?x#y", "permanent": False},
            {"from": "/c", "to": None}, {"from": "/d", "remove": True}]}),
        "https://Example.org:8080?q=a b#c\n" + text({"redirects": [
            {"from": "/a", "to": "/b"}, {"from": "/b", "to": "/a"}]}),
        "http://[2001:DB8::1]/..\n" + text({"version": 3, "entries": [
            {"type": "sports", "id": 7, "pinned": True}, {"newest": "politics"}, {"newest": None}]}),
        "front\n" + text({"stored": [{"from": "/a", "to": None, "permanent": True}],
                          "removed": ["/b"]}),
        "//example.org/\\\n" + text({"name": "front", "entries": [{"type": "sports", "id": 7}]}),
    ],
    "media": [
        "multipart/form-data; boundary=a-b\n--a-b\r\nContent-Disposition: form-data; name=\"file\"; "
        "filename=\"x.png\"\r\n\r\n%PDF\r\n--a-\r\n--a-b\r\ncontent-disposition: form-data; name=alt"
        "\r\n\r\n\r\n--a-b  \r\nContent-Disposition: form-data; name=\"\\\"\"\r\n\r\nx\r\n--a-b--\r\n",
        "multipart/form-data; x=y; boundary=\"a b\"\n--a b--",
        "640x360.6c1b0b07c1fbe9f4.webp\n<img src=\"/v1/media/446677889900112/640.webp\">"
        "![](/v1/media/7)/v1/media/007",
        "0.3, 0.25\n" + text({"alt": " a\n", "credit": "b", "focus": {"x": 0.5, "y": 1}, "version": 3}),
        "16:9\n" + text({"sha256": "00ff", "kind": "png", "bytes": 9, "width": 4, "height": 3,
                         "alt": "a", "credit": "", "focus": {"x": 0.1, "y": 1e-7}}),
    ],
    "search": [
        "storm \"big house\" -other 東京都 str\nA Storm over 東京都, <b>Stra\u00dfe</b> &amp; runners",
        "\u201cquoted\u201d O'Brien covid-19\n\u0131stanbul e\u0301t\u00e9 \uff76\uff85 \ufb01ve \u00bd",
        "ci4xLjIuMw",
    ],
    "compare": [
        "\x00" + text(WHOLE) + "\n" + text({**WHOLE, "title": "B", "tags": ["b", "one"]}),
        "?" + text({"count": 2, "next": "http://a/x?page=2", "results": [{"id": 1, "x": 1.50},
                                                                       {"id": 2, "tags": [1, 2]}]}) +
        "\n" + text({"count": "2", "next": "/x?page=2", "results": [{"id": 2, "tags": [2, 1.0]},
                                                                   {"id": 1, "x": "1.5"}]}),
        "\x08" + text(["2026-05-04T10:20:30.123Z", "Mon, 04 May 2026 10:20:30 GMT"]) + "\n" +
        text(["2026-05-04 12:20:30.123999+0200", "2026-05-04T10:20:30"]),
        "\x23" + text({"a": {"k": {"b": 1}}, "c": None, "17": USER}) + "\n" +
        text({"a": {"k": {"b": 2}}, "18": {**USER, "email": "x@y.z"}}),
        "\x00<p title='>'>a&nbsp;b <b>c</b></p><!-- x -->\n<div>a b c</div><script>x</script>&#xE9;",
        "\x02[1,2,2,[3]]\n[2,1,[3],2]",
        "\x04[1000,1e3,0.1]\n[1000.5,\"1000\",1e-1]",
        "\x00/reset/MQ/abc/?token=x&q=a%40b.c\nBearer abcdefghijkl",
    ],
    "news_html": [
        "<p>One <b>two <i>three</b> four</i>&nbsp;&eacute;<br/></p><hr><h1>x<div>y</h1>",
        "<ul><li>a</li> <ul><li>b</ul><p>c</ul><table><caption>x<tr><td colspan=2>a<th>b</table>",
        "<figure><a href='//a.example/x' target=_blank rel=x><img src=/a alt='\"' width=9px></a>"
        "<figcaption>x</figcaption></figure><pre>\n\n<code>a</code></pre>",
        "<div data-block=x data-a='<'><div>a</div>b</div><iframe src=https://video.example/x>",
        "<svg><style><!--</style></svg><a href='java&Tab;script:x'>a</a><img src=x onerror=y>",
        "<b style='font-weight:normal'><p>a<blockquote><section>b</blockquote>c</b><!-- d --!>e",
        "# A\n\n* b *c*\n  1. [d](</e> \"f\")\n\n| g | h |\n|--|--|\n| ~~i~~ | ![j](k) |\n\n```\n<l>\n```\n<m n=o>",
        "<select><textarea></select></textarea><noscript><p title='</noscript>'>&#x80;&notit;&lt",
    ],
    "text": [
        "", "0", "99999", "01", "AAAA", "_-8", " \u00a0\u3000x\u2003\t", "\u00fc\U0001f600",
        "2026-05-04T10:20:30.123Z", "1970-01-01t00:00:00+00:00", "2024-02-29 23:59:60.5-23:59",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "rojo=1 , fw52@dt=t61rc",
    ],
    "feeds": [
        "Rowers win\nrowers-win\nAnn\nBy a length.\nrowing\nde\n<p><a href=\"/more\">x</a></p>",
        "2026-11-2\n\n\n\n\n\n", "search=yes, ai-train=no\n/\nGPTBot\n", "2026-11\n",
        "]]></script>&amp;<!--\n" + "x" * 2100 + "\n\u05e9\n\U0001f600\n\ufffe\nzh-Hant\n#a\n\nb",
    ],
    "xml": [
        "", "a&b\n<c> ]]> \"d\"", "<![CDATA[\n]]>", "\u0000\u000b\r\t\n\ufffe\uffff\ufffd",
        "\u05e9\u05dc\u05d5\u05dd \U0001f600\n\u20ac",
    ],
}

FIELDS = ["Host: ", "Content-Length: ", "Transfer-Encoding: ", "chunked", "Connection: ", "close",
          "keep-alive", "Expect: 100-continue", "X-Request-Id: ", " HTTP/1.0", " HTTP/1.1", "\r\n",
          "\r\n\r\n", "http://", "OPTIONS * ", "%C3%BC", "%F0%9F%98%80"]
WORDS = {
    "head_guard": FIELDS,
    "framing": FIELDS,
    "response_guard": ["HTTP/1.1 ", "HTTP/1.0 ", "100 Continue\r\n\r\n", "204 \r\n", "close",
                       "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Connection: ",
                       "Upgrade: websocket", "keep-alive", "\r\n\r\n", "0\r\n\r\n", ";a=b"],
    "chunk_decoder": ["\r\n", "0\r\n\r\n", "0000000000000000", ";a=b", "X: y\r\n"],
    "url": ["/v1/news/", "/news/v1/", "/v1/users/", "all", "tags", "publish", "versions", "%2f",
            "%C3%BC", "%ED%9F%BF", "%F4%8F%BF%BF", "cursor=", "since=", "sports:",
            "http://a"],
    "cookies": ["user_id=", "; ", "=", "__Host-portal="],
    "json": [f'"{name}":' for name in [*ITEM, *USER]] +
            ["\\u0000", "\\ud83d\\ude00", "1e400", "null", "draft", "9999-12-31T23:59:59-01:00"],
    "token": [f'"{name}":' for name in ["alg", "typ", "kid", "crit", "jku", "nbf", "csrf",
                                        *CLAIMS]] +
             ["EdDSA", "none", "at+jwt", "session+jwt", "KID", "admin", str(NOW), "Bearer ", "."],
    "config": ["--set ", "PORTAL__", "__", "http", "news", "identity", "gateway", "orchestrator",
               "recommendation", "users", "security", "listen", "types", "aliases", "threads",
               "tls:", "unix:", "//", "/*", "*/", "true", "9223372036854775808"],
    "events": [f"article_{kind}.v1\n" for kind in
               ["created", "revised", "published", "scheduled", "unpublished", "removed", "submitted",
                "withdrawn", "returned", "approved", "corrected", "killed", "embargo_ended",
                "restored"]] +
              [f'"{name}":' for name in [*ITEM, *METADATA, "restored_version", "source_id"]] +
              ["removed", "draft", "1e300"],
    "django_hash": ["pbkdf2_sha256$", "pbkdf2_sha1$", "argon2$", "argon2i$", "v=19$", "m=", ",t=", ",p=",
                    "bcrypt$$2b$", "bcrypt_sha256$$2y$", "scrypt$", "sha1$", "md5$$", "$$", "==", "65536",
                    "9223372036854775807"],
    "addresses": ["::ffff:", "10.0.0.0/8", "::/0", "[::1]:", "tls:", "unix:", "localhost", "/128",
                  "127.0.0.1", "https://"],
    "negotiation": ["Accept-Encoding: ", "If-Match: ", "If-None-Match: ", "Idempotency-Key: ",
                    "Authorization: Bearer ", ";q=0.5", ";q=0", "identity", "gzip", "br", "W/\"",
                    "\"v7-1-gzip\"", "-br\""],
    "picture": ["GIF89a", "RIFF", "WEBP", "VP8X", "VP8L", "VP8 ", "EXIF", "eXIf", "IHDR", "ftyp",
                "MM", "II*", "Exif", "avif"],
    "site": [f'"{name}":' for name in ["redirects", "from", "to", "permanent", "remove", "entries",
                                       "type", "id", "pinned", "newest", "version", "stored",
                                       "removed", "name"]] +
            ["/../", "%2e", "%00", "//", "https://", "xn--", "@", "[::1]", "sports"],
    "media": ["multipart/form-data", "; boundary=", "\r\n--", "--a-b", "\r\n\r\n", "Content-Disposition: ",
              "form-data; name=", "filename=", '"', ".webp", ".jpg", ".avif", "x", "/v1/media/", "0.5",
              '"alt":', '"credit":', '"focus":', '"x":', '"y":', '"version":', '"sha256":'],
    "search": ['"', " -", "\n", "\u0301", "\u00df", "\u4eac", "\ud55c", "\u3099", "\uff76", "<mark>", "&amp;", "ing"],
    "compare": ['"id":', '"pk":', '"tags":', '"results":', '"a":', '"b":', '"c":', '"x":', "null",
                "http://", "https://a/", "2026-05-04T10:20:30Z", " GMT", "+0200", "1.50", "1e1",
                "&amp;", "&#x", "<script>", "</script", "<!--", "-->", "@", "%40", "Bearer ", "eyJ",
                "password", "token=", "~0", "/*"],
    "news_html": ["<p>", "</p>", "<b>", "</b>", "<i>", "<a href=/>", "</a>", "<ul>", "<li>", "</li>",
                  "</ul>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<caption>", "<pre>", "\n",
                  "<h2>", "</h2>", "<div>", "<div data-block=x>", "</div>", "<section>", "</section>",
                  "<figure>", "<figcaption>", "</figure>", "<blockquote>", "<br>", "<hr>", "<img src=/>",
                  "<svg>", "</svg>", "<style>", "<!--", "-->", "&amp;", "&#x", "&nbsp;", "javascript:",
                  "https://video.example", "<iframe src=", "</iframe>", "title=", "='", '="'],
    "text": ["T10:20:30", "-12-31", "+23:59", "Z", ".999999", "9999", "00-", "-01",
             "@", ","],
    "feeds": ["&amp;", "]]>", "</script>", "version=2", "2026-", "search=", " href=\"/", "\n"],
    "xml": ["&amp;", "]]>", "<![CDATA[", "<!--", "<?xml ", "\u0000", "\ufffe", "\U0001f600", "\n"],
}


def to_bytes(seed):
    """Heads are written with one character a byte, everything else is UTF-8."""
    return seed.encode("latin-1") if "\xff" in seed else seed.encode()


def quoted(word):
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"'


def write(folder):
    for name, seeds in SEEDS.items():
        place = Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (place / f"{number:02}").write_bytes(to_bytes(seed))
        words = "".join(quoted(word) + "\n" for word in WORDS[name])
        (Path(folder) / f"{name}.words").write_text(words, encoding="ascii")
