#!/usr/bin/env python3
"""Turn the pristine sources of autobahntestsuite 25.10.1 (Python 2) and
autobahn 0.10.9 into a tree that runs on Python 3.

    port.py TESTSUITE_SRC AUTOBAHN_SRC OUT

TESTSUITE_SRC  unpacked autobahntestsuite-25.10.1 sdist
AUTOBAHN_SRC   unpacked autobahn-0.10.9 sdist
OUT            directory that will hold the packages autobahn, autobahntestsuite

Only what the fuzzing client/server and the built-in testees need is kept (no
WAMP, wsperf, massconnect, echo or broadcast modes). Every edit states how many
places it must hit; any difference stops the port, so a silent half-port cannot
happen. install.sh pins both sdists by SHA-256.

The rules of the port:
  * payloads are bytes throughout (py2 str == py3 bytes); report strings are str;
  * Case classes and their parameters are not changed in meaning;
  * events are compared with == instead of by their pickles (in py2 the pickle
    comparison was type sensitive; bytes == str is never true in py3 either).
"""
import os
import re
import shutil
import sys


def die(msg):
    sys.exit("port.py: " + msg)


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = {}

    def get(self, name):
        if name not in self.files:
            with open(os.path.join(self.root, name), "rb") as f:
                # several upstream files have CRLF line ends
                self.files[name] = f.read().decode("utf-8").replace("\r\n", "\n")
        return self.files[name]

    def sub(self, name, old, new, n=1):
        """replace the literal text old, which must occur exactly n times"""
        t = self.get(name)
        c = t.count(old)
        if c != n:
            die("%s: expected %d x %r, found %d" % (name, n, old, c))
        self.files[name] = t.replace(old, new)

    def rex(self, name, pat, new, n=None, flags=re.M):
        t, c = re.subn(pat, new, self.get(name), flags=flags)
        if (n is None and c == 0) or (n is not None and c != n):
            die("%s: expected %s x /%s/, found %d" % (name, n or ">=1", pat, c))
        self.files[name] = t

    def write(self, name, text):
        self.files[name] = text

    def flush(self):
        for name, text in self.files.items():
            with open(os.path.join(self.root, name), "w", encoding="utf-8", newline="\n") as f:
                f.write(text)


STRING = r'(?<![\w\\])("(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\')'
CODE_COMMENT = r'^((?:[^#"\']|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')*)(#.*)?$'


def bytes_line(line):
    """prefix every string literal of a line with b (not inside its comment)"""
    m = re.match(CODE_COMMENT, line)
    code, comment = (m.group(1), m.group(2) or "") if m else (line, "")
    return re.sub(STRING, r"b\1", code) + comment


BYTES_ASSIGN = re.compile(
    r"^\s*(self\.)?(payload|PAYLOAD\d?|ping_payload|vss|fragments|pings|k|s)\s*\+?=\s")


def port_case(text):
    out, in_doc = [], False
    for line in text.split("\n"):
        quotes = line.count('"""')
        if in_doc or quotes:                       # descriptions stay str
            if quotes % 2:
                in_doc = not in_doc
            out.append(line)
            continue
        if line.strip().startswith("#"):
            out.append(line)
            continue
        line = re.sub(r"\bxrange\b", "range", line)
        if BYTES_ASSIGN.match(line) and not re.search(r"\bu[\"']|decode\(", line):
            line = bytes_line(line)
        elif re.match(r"^\s*vs\[1\]\.append\(\((True|False), ", line):
            line = bytes_line(line)
        elif "self.p.send" in line:
            line = re.sub(r"\b(payload|reasonUtf8)(\s*=\s*)([\"'])", r"\1\2b\3", line)
        line = re.sub(r"(?<!b)''\.join\(", "b''.join(", line)
        line = re.sub(r'\("(message|pong|ping)",\s*""', r'("\1", b""', line)
        line = re.sub(r"^from (case\w*) import", r"from .\1 import", line)
        out.append(line)
    # py2: type(name, (object, OldStyleClass), ..) has no valid MRO in py3
    return "\n".join(out).replace("(object, Case, )", "(Case, )")


def port_testsuite(src, out):
    pkg = os.path.join(out, "autobahntestsuite")
    shutil.copytree(os.path.join(src, "autobahntestsuite", "case"), os.path.join(pkg, "case"))
    shutil.copytree(os.path.join(src, "autobahntestsuite", "testdata"), os.path.join(pkg, "testdata"))
    for f in ("_version.py", "fuzzing.py", "caseset.py", "report.py", "testee.py"):
        shutil.copy(os.path.join(src, "autobahntestsuite", f), pkg)
    t = Tree(pkg)

    t.write("__init__.py", "from ._version import __version__\n\nversion = __version__\n")

    # --- case/ -------------------------------------------------------------
    for f in sorted(os.listdir(os.path.join(pkg, "case"))):
        if f.endswith(".py"):
            n = "case/" + f
            t.write(n, port_case(t.get(n)))

    # 9.9.1 is not in upstream's list of cases and needs an API long gone
    t.sub("case/__init__.py", "from .case9_9_1 import *\n", "")
    os.remove(os.path.join(pkg, "case", "case9_9_1.py"))
    del t.files["case/case9_9_1.py"]

    n = "case/case.py"
    t.sub(n, "return pickle.dumps(obj1) == pickle.dumps(obj2)", "return obj1 == obj2")
    t.sub(n, "import pickle\n", "")

    # non-ASCII literals: the py2 str held the UTF-8 octets of the source file
    for f, k in (("case6_2_1", 1), ("case6_2_2", 2)):
        t.rex("case/%s.py" % f, r'^(   PAYLOAD\d? = )b("[^"]*")$', r'\1\2.encode("utf-8")', k)
    n = "case/case6_2_1.py"
    t.sub(n, "% (PAYLOAD, binascii.b2a_hex(PAYLOAD))",
          '% (PAYLOAD.decode("utf-8"), binascii.b2a_hex(PAYLOAD).decode())')
    n = "case/case6_2_2.py"
    t.sub(n, "% (PAYLOAD1, binascii.b2a_hex(PAYLOAD1), PAYLOAD2, binascii.b2a_hex(PAYLOAD2))",
          '% (PAYLOAD1.decode("utf-8"), binascii.b2a_hex(PAYLOAD1).decode(), '
          'PAYLOAD2.decode("utf-8"), binascii.b2a_hex(PAYLOAD2).decode())')
    n = "case/case6_2_3.py"
    t.rex(n, r'^(   PAYLOAD = )b("[^"]*")$', r'\1\2.encode("utf-8")', 1)
    t.sub(n, "% (PAYLOAD, binascii.b2a_hex(PAYLOAD))",
          '% (PAYLOAD.decode("utf-8"), binascii.b2a_hex(PAYLOAD).decode())')
    n = "case/case6_2_4.py"
    t.sub(n, "% (PAYLOAD, binascii.b2a_hex(PAYLOAD))",
          '% (PAYLOAD.decode("utf-8"), binascii.b2a_hex(PAYLOAD).decode())')
    t.sub("case/case6_3_1.py", "binascii.b2a_hex(PAYLOAD)", "binascii.b2a_hex(PAYLOAD).decode()")
    t.sub("case/case6_3_2.py", "binascii.b2a_hex(Case6_3_1.PAYLOAD)",
          "binascii.b2a_hex(Case6_3_1.PAYLOAD).decode()")
    for f in ("case6_4_1", "case6_4_2", "case6_4_3", "case6_4_4"):
        n = "case/%s.py" % f
        # one octet: py3 indexing gives an int, so slice
        if f in ("case6_4_2", "case6_4_4"):
            t.rex(n, r"PAYLOAD\[12\]", "PAYLOAD[12:13]", 2)
        t.rex(n, r"binascii\.b2a_hex\(([^()]*)\)", r"binascii.b2a_hex(\1).decode()", 3)

    n = "case/case6_x_x.py"
    # keep the test sequences and the cases; drop the py2-only self tests
    t.rex(n, r"^def test_utf8\(validator\):.*?^Case6_X_X = \[\]", "Case6_X_X = []", 1, re.M | re.S)
    t.rex(n, r"^import binascii\nimport array\n.*\Z", "", 1, re.M | re.S)
    t.sub(n, "s += chr(i)", "s += bytes([i])", 2)
    t.sub(n, "s += chr(0x20)", "s += bytes([0x20])")
    t.rex(n, r"^        ('\\xdf', '\\xef.*)$", lambda m: bytes_line(m.group(0)), 1)
    t.rex(n, r"^ +for z\d in \[.*$", lambda m: bytes_line(m.group(0)), 3)
    t.sub(n, "if not (z1 == '\\xf4' and z2 != '\\x8f')", "if not (z1 == b'\\xf4' and z2 != b'\\x8f')")
    t.sub(n, "zz = z1 + z2 + '\\xbf' + z3", "zz = z1 + z2 + b'\\xbf' + z3")
    t.rex(n, r"^ +if zz not in \[.*$", lambda m: bytes_line(m.group(0)), 1)
    t.sub(n, "(desc, binascii.b2a_hex(p[1]))", "(desc, binascii.b2a_hex(p[1]).decode())")

    t.sub("case/case7_5_1.py", "self.p.localCloseReason = binascii.b2a_hex(self.p.localCloseReason)",
          "self.p.localCloseReason = binascii.b2a_hex(self.p.localCloseReason).decode()")
    t.sub("case/case10_1_1.py", "len(self.payload) / self.p.autoFragmentSize",
          "len(self.payload) // self.p.autoFragmentSize")

    n = "case/case12_x_x.py"
    t.sub(n, "import copy, os, pkg_resources, hashlib, binascii\n",
          "import copy, os, hashlib, binascii\n\n"
          "TESTDATA_DIR = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'testdata')\n")
    t.rex(n, r'pkg_resources\.resource_filename\("autobahntestsuite", "testdata/%s" % (.*)\)$',
          r"os.path.join(TESTDATA_DIR, \1)", 3)
    t.sub(n, "msg = ''", "msg = b''")

    # --- caseset.py ----------------------------------------------------------
    n = "caseset.py"
    t.rex(n, r"(\w+)\.has_key\(([^()]+)\)", r"(\2 in \1)", 2)
    t.rex(n, r"'\\\.'", r"r'\\.'", 3)

    # --- report.py: only the CSS/JS constants --------------------------------
    n = "report.py"
    t.rex(n, r"^REPORT_DIR_PERMISSIONS = .*\Z", "", 1, re.M | re.S)
    t.rex(n, r"^import (jinja2|os|sys)\n", "", 3)
    t.sub(n, ',\n           "HtmlReport")', ")")

    # --- testee.py ------------------------------------------------------------
    n = "testee.py"
    t.rex(n, r"^( +)print (.*)$", r"\1print(\2)", 4)
    t.rex(n, r"^   if webport:\n.*?\n\n", "", 1, re.M | re.S)
    t.sub(n, "from twisted.web.server import Site\nfrom twisted.web.static import File\n", "")
    t.sub(n, "listenWS(factory, sslContext)", "listenWS(factory, sslContext, interface = '127.0.0.1')")
    t.sub(n, "factory = TesteeServerFactory(wsuri, debug)", "factory = TesteeServerFactory(wsuri, debug = debug)")

    # --- fuzzing.py -------------------------------------------------------------
    n = "fuzzing.py"
    t.sub(n, "import os, json, binascii, time, textwrap, pkg_resources",
          "import os, json, binascii, time, textwrap")
    t.sub(n, "from twisted.internet import reactor, ssl\n"
             "from twisted.web.server import Site\nfrom twisted.web.static import File\n",
          "from twisted.internet import reactor\n")
    for m in ("case", "caseset", "report"):
        t.rex(n, r"^from %s import" % m, "from .%s import" % m, 1)
    t.rex(n, r"^( +)print (.*)$", r"\1print(\2)", 17)
    t.rex(n, r"([\w.\[\]]+)\.has_key\(([^()]+)\)", r"(\2 in \1)")

    t.sub(n, "dd = binascii.b2a_hex(data[:maxlen]) + ellipses",
          "dd = binascii.b2a_hex(data[:maxlen]).decode() + ellipses")
    t.sub(n, "dd = binascii.b2a_hex(data)\n", "dd = binascii.b2a_hex(data).decode()\n")
    t.sub(n, "dd = data[:maxlen] + ellipses", "dd = data[:maxlen] + ellipses.encode()")
    t.sub(n, "class FuzzingProtocol:",
          "def toText(s):\n"
          "   # header dumps and close reasons arrive as bytes; reports want str\n"
          "   return s.decode('utf8', errors = 'backslashreplace') if isinstance(s, bytes) else s\n\n\n"
          "class FuzzingProtocol:")
    for k in ("localCloseReason", "remoteCloseReason"):
        t.sub(n, '"%s": self.%s,' % (k, k), '"%s": toText(self.%s),' % (k, k))
    for k, a in (("httpRequest", "http_request_data"), ("httpResponse", "http_response_data")):
        t.sub(n, "\"%s\": self.%s if hasattr(self, '%s')" % (k, a, a),
              "\"%s\": toText(self.%s) if hasattr(self, '%s')" % (k, a, a))
    t.sub(n, "p = ''.join(payload)", "p = b''.join(payload)")
    t.sub(n, "binascii.b2a_hex(frameHeader.mask) if frameHeader.mask else None",
          "binascii.b2a_hex(frameHeader.mask).decode() if frameHeader.mask else None", 2)
    t.sub(n, "self.sendMessage(json.dumps(len(self.factory.specCases)))",
          "self.sendMessage(json.dumps(len(self.factory.specCases)).encode())")
    t.sub(n, "               'behavior':results['behavior']\n            }))",
          "               'behavior':results['behavior']\n            }).encode())")
    t.sub(n, "caseClassToPrettyDescription(self.Case),\n         }))",
          "caseClassToPrettyDescription(self.Case),\n         }).encode())")
    t.sub(n, 'payload = spec.get("payload", ""), payload_len', 'payload = spec.get("payload", "").encode("UTF-8"), payload_len')
    t.sub(n, 'log.msg("Pong received: " + payload)', 'log.msg("Pong received: %r" % payload)')
    # reports
    t.rex(n, r"open\(os\.path\.join\(outdir, report_filename\), 'w'\)",
          "open(os.path.join(outdir, report_filename), 'w', encoding = 'utf-8', errors = 'backslashreplace')", 4)
    t.sub(n, 'case[c[0]], c[1])).encode("utf-8"))', "case[c[0]], c[1])))")
    t.sub(n, "ll.encode('utf8')))", "ll))")
    t.sub(n, "mmask = binascii.b2a_hex(t[6])", "mmask = t[6]")
    # abrun.py decides about HTML through the spec ("html": true)
    t.sub(n, "def createReports(self, produceHtml = True, produceJson = True):",
          "def createReports(self, produceHtml = None, produceJson = True):\n"
          "      if produceHtml is None:\n"
          "         produceHtml = self.spec.get('html', False)\n")
    # TLS only when asked for
    t.sub(n, "         self.contextFactory = ssl.optionsForClientTLS(hostname)\n"
             "         else:\n"
             "            self.contextFactory = ssl.ClientContextFactory()\n",
          "         from twisted.internet import ssl\n"
          "            self.contextFactory = ssl.optionsForClientTLS(hostname)\n"
          "         else:\n"
          "            # connectWS makes an unverifying context for wss:// itself\n"
          "            self.contextFactory = None\n")
    t.sub(n, "      sslContext = ssl.DefaultOpenSSLContextFactory(sslKey, sslCert)",
          "      from twisted.internet import ssl\n"
          "      sslContext = ssl.DefaultOpenSSLContextFactory(sslKey, sslCert)")
    # loopback only, no embedded web server; hand the factory to abrun.py
    t.rex(n, r"^   listenWS\(factory, sslContext\)\n.*\Z",
          "   listenWS(factory, sslContext, interface = '127.0.0.1')\n   return factory\n", 1, re.M | re.S)
    t.sub(n, "   # FuzzingClientFactory automatically to orchestrate tests\n   return True",
          "   # FuzzingClientFactory automatically to orchestrate tests\n   return factory")

    t.flush()
    left = []
    for d, _, fs in os.walk(pkg):
        for f in fs:
            if f.endswith(".py"):
                p = os.path.join(d, f)
                with open(p, encoding="utf-8") as fh:
                    src_text = fh.read()
                compile(src_text, p, "exec")
                if re.search(r"\bxrange\b|\bunichr\b|has_key|pkg_resources", src_text):
                    left.append(p)
    if left:
        die("Python 2 left in %s" % left)


def port_autobahn(src, out):
    pkg = os.path.join(out, "autobahn")
    shutil.copytree(os.path.join(src, "autobahn"), pkg,
                    ignore=shutil.ignore_patterns("test", "asyncio", "__pycache__"))
    t = Tree(pkg)
    n = "websocket/protocol.py"
    # 0.10.9 runs on py3 except for this division in sendFrame(payload_len=..)
    t.sub(n, "for _ in range(payload_len / len(payload))", "for _ in range(payload_len // len(payload))")
    # invalid escapes: warnings since 3.12
    t.sub("util.py", "replace('.', '\\.')", "replace('.', r'\\.')")
    t.sub("wamp/uri.py", '"\\.".join', 'r"\\.".join')
    t.flush()


def main():
    if len(sys.argv) != 4:
        die("usage: port.py TESTSUITE_SRC AUTOBAHN_SRC OUT")
    ts, ab, out = sys.argv[1:]
    for p in ("autobahntestsuite", "autobahn"):
        shutil.rmtree(os.path.join(out, p), ignore_errors=True)
    os.makedirs(out, exist_ok=True)
    port_testsuite(ts, out)
    port_autobahn(ab, out)
    print("ported to", out)


if __name__ == "__main__":
    main()
