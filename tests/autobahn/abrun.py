#!/usr/bin/env python3
"""Drive the ported Autobahn suite and sum up its reports.

    abrun.py server PORT|URL [options]            test a WebSocket server
    abrun.py client [options] -- COMMAND [ARG..]  test a WebSocket client

In client mode a fuzzing server is started on --port and COMMAND is run with
AB_URL, AB_PORT and AB_AGENT set. COMMAND has to speak Autobahn's usual testee
protocol: read the number of cases from $AB_URL/getCaseCount, open
$AB_URL/runCase?case=N&agent=$AB_AGENT for N = 1.. and echo, and may end with
$AB_URL/updateReports?agent=$AB_AGENT.

Run it through run-server-case.sh and run-client.sh, which know where install.sh put the suite.

Exit status: 0 all cases passed, 1 some failed, 2 the suite could not be run.
"""
import argparse
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

LIB = os.environ["AB_LIB"]         # the ported suite: set by run-server-case.sh and run-client.sh

SETS = {
    "core": ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"],
    "limits": ["9.*"],
    "deflate": ["12.*", "13.*"],
}
SETS["all"] = SETS["core"] + SETS["limits"] + SETS["deflate"]
COLUMNS = ["OK", "NON-STRICT", "INFORMATIONAL", "FAILED", "UNIMPLEMENTED", "MISSING"]


def case_key(i):
    return tuple(int(x) for x in i.split("."))


def pick(ids, names):
    """the ids named by sets, patterns (a * matches anything; upstream lets a pattern
    match a prefix too, this does not) or bare group numbers"""
    out = set()
    for n in names:
        for p in SETS.get(n, [n + ".*" if n.isdigit() else n]):
            rx = re.compile(re.escape(p).replace(r"\*", ".*"))
            hit = [i for i in ids if rx.fullmatch(i)]
            if not hit:
                print("no such case: " + p, file=sys.stderr)
                sys.exit(2)
            out.update(hit)
    return out


# ---------------------------------------------------------------- workers ---

def adapt(spec):
    """our two departures from upstream, both switchable in the spec"""
    from autobahntestsuite.case import Case, Cases

    limit = spec.get("messages")
    if limit:                       # 9.7, 9.8, 12.* and 13.* send 1000 messages each
        for c in Cases:
            if "COUNT" in c.__dict__:
                c.COUNT = min(c.COUNT, limit)

    if spec.get("verify", True):    # 9.* upstream looks at the length only
        def checked(orig):
            def onMessage(self, msg, binary):
                orig(self, msg, binary)
                if self.behavior == Case.OK:
                    n = self.DATALEN
                    if msg != (self.PAYLOAD * (n // len(self.PAYLOAD) + 1))[:n]:
                        self.behavior = Case.FAILED
                        self.result = "Echoed content differs from what was sent (a check upstream does not have)."
            return onMessage

        def checked_many(orig):
            def onMessage(self, msg, binary):
                if msg and msg.strip(b"\xfe" if self.BINARY else b"*"):
                    self.behavior = Case.FAILED
                    self.result = "Echoed content differs from what was sent (a check upstream does not have)."
                    self.p.sendClose(self.p.CLOSE_STATUS_CODE_NORMAL)
                else:
                    orig(self, msg, binary)
            return onMessage

        for c in Cases:
            major, minor = c.__name__[4:].split("_")[:2]
            if major == "9" and "onMessage" in c.__dict__:
                c.onMessage = (checked_many if minor in "78" else checked)(c.onMessage)


def worker(kind, spec_file):
    sys.path.insert(0, LIB)
    with open(spec_file) as f:
        spec = json.load(f)
    from autobahntestsuite import fuzzing
    from twisted.internet import reactor
    from twisted.logger import FilteringLogObserver, LogLevel, LogLevelFilterPredicate
    from twisted.logger import globalLogBeginner, textFileLogObserver
    # errors inside cases (upstream hides them) go to the worker's log
    globalLogBeginner.beginLoggingTo(
        [FilteringLogObserver(textFileLogObserver(sys.stdout),
                              [LogLevelFilterPredicate(LogLevel.warn)])],
        redirectStandardIO=False)
    adapt(spec)
    if kind == "client":
        factory = fuzzing.startClient(spec)
        done = factory.createReports
        state = {}

        def once():
            if not state:
                state["done"] = True
                done()
        factory.createReports = once
        reactor.addSystemEventTrigger("before", "shutdown", once)
    else:
        factory = fuzzing.startServer(spec, 0)
        reactor.addSystemEventTrigger("before", "shutdown", factory.createReports)
        reactor.callWhenRunning(os.write, spec["ready"], b"!")
    reactor.run()


def spawn(kind, spec, path, log, pass_fds=()):
    with open(path, "w") as f:
        json.dump(spec, f)
    return subprocess.Popen([sys.executable, "-u", os.path.abspath(__file__), "_" + kind, path],
                            stdout=log, stderr=subprocess.STDOUT, pass_fds=pass_fds)


def stop(p, patience=60):
    if p.poll() is None:
        p.send_signal(signal.SIGTERM)       # the worker writes its report first
        try:
            p.wait(patience)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


def fresh(outdir):
    """without what an earlier run left there: a worker that dies would hand in its results"""
    shutil.rmtree(outdir, ignore_errors=True)
    return outdir


def load(outdir):
    try:
        with open(os.path.join(outdir, "index.json")) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


# ---------------------------------------------------------------- summing ---

def verdict(v, opt):
    """'pass', 'fail' or 'skip' for one case"""
    b, c = v["behavior"], v["behaviorClose"]
    if b == "UNIMPLEMENTED":
        return "skip" if opt.allow_unimplemented else "fail"
    if b not in ("OK", "INFORMATIONAL", "NON-STRICT"):
        return "fail"
    if b == "NON-STRICT" and opt.strict:
        return "fail"
    if c not in ("OK", "INFORMATIONAL") and not opt.lenient_close:
        return "fail"
    return "pass"


def detail(outdir, v):
    try:
        with open(os.path.join(outdir, v["reportfile"])) as f:
            d = json.load(f)
        return d.get("result"), d.get("resultClose")
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def summarise(wanted, got, opt, titles, wall, name):
    """print the tables; return (report dict, number failed)"""
    groups, total, cases = {}, {"pass": 0, "fail": 0, "skip": 0}, {}
    for i in sorted(wanted, key=case_key):
        v = got.get(i) or {"behavior": "MISSING", "behaviorClose": "MISSING", "duration": 0,
                           "remoteCloseCode": None}
        if v["duration"] > 1e9:         # upstream counts from 0 when a case never opened
            v["duration"] = 0
        v["verdict"] = verdict(v, opt)
        total[v["verdict"]] += 1
        cases[i] = v
        g = groups.setdefault(i.split(".")[0], dict.fromkeys(COLUMNS + ["close", "ms"], 0))
        g[v["behavior"] if v["behavior"] in COLUMNS else "FAILED"] += 1
        g["ms"] += v["duration"]
        if v["behaviorClose"] not in ("OK", "INFORMATIONAL", "MISSING"):
            g["close"] += 1
    print("== %s: %d cases, %.1f s" % (name, len(wanted), wall))
    for g, n in sorted(groups.items(), key=lambda x: int(x[0])):
        print("group %-2s %-45s ok %3d  non-strict %2d  info %2d  failed %3d  unimplemented %3d"
              "  missing %3d  bad-close %3d  %7.1f s"
              % ((g, titles.get(g, "")) + tuple(n[c] for c in COLUMNS) + (n["close"], n["ms"] / 1000.0)))
    shown = 0
    for i, v in cases.items():
        if v["verdict"] == "fail" and v["behavior"] != "UNIMPLEMENTED" or v["behavior"] == "NON-STRICT":
            shown += 1
            if shown > opt.show:
                print("  .. more in the report")
                break
            print("  %-7s %-10s close %s, code %s: %s / %s"
                  % (i, v["behavior"], v["behaviorClose"], v["remoteCloseCode"],
                     v.get("result"), v.get("resultClose")))
    flaky = [i for i, v in cases.items() if v.get("attempts", 1) > 1 and v["verdict"] == "pass"]
    if flaky:
        print("passed only when repeated: " + " ".join(flaky))
    if total["skip"]:
        print("%d unimplemented, not counted" % total["skip"])
    return {"peer": name, "seconds": round(wall, 1), "passed": total["pass"], "failed": total["fail"],
            "skipped": total["skip"], "groups": groups, "flaky": flaky, "cases": cases}, total["fail"]


# ------------------------------------------------------------------- main ---

def plan(opt):
    sys.path.insert(0, LIB)
    try:
        from autobahntestsuite import case
        from autobahntestsuite.caseset import CaseSet
    except ImportError as e:
        print("suite not installed (%s): run install.sh first" % e, file=sys.stderr)
        sys.exit(2)
    cs = CaseSet(case.CaseSetname, case.CaseBasename, case.Cases, case.CaseCategories, case.CaseSubCategories)
    wanted = pick(cs.CasesById, opt.cases) - pick(cs.CasesById, opt.exclude)
    wanted = sorted(wanted, key=case_key)
    if not wanted:
        print("no cases left", file=sys.stderr)
        sys.exit(2)
    if opt.shard:
        k, n = (int(x) for x in opt.shard.split("/"))
        wanted = wanted[k - 1::n]
    return wanted, case.CaseCategories


def run_cases(cases, opt, url, tag, deadline):
    """one pass over cases, opt.jobs processes; returns {id: result}"""
    jobs = max(1, min(opt.jobs, len(cases)))
    procs = []
    for k in range(jobs):
        out = fresh(os.path.join(opt.out, "detail%s-%d" % (tag, k)))
        spec = {"outdir": out, "cases": cases[k::jobs], "exclude-cases": [], "exclude-agent-cases": {},
                "html": opt.html, "messages": opt.messages, "verify": opt.verify,
                "options": opt.options,
                "servers": [{"url": url, "agent": opt.agent}]}
        log = open(os.path.join(opt.out, "worker%s-%d.log" % (tag, k)), "w")
        procs.append((spawn("client", spec, os.path.join(opt.out, "spec%s-%d.json" % (tag, k)), log), out, log))
    try:
        for p, _, _ in procs:
            p.wait(max(0, deadline - time.time()))
    except subprocess.TimeoutExpired:
        print("time limit reached: stopping", file=sys.stderr)
    finally:
        for p, _, log in procs:
            stop(p)
            log.close()
    got = {}
    for _, out, _ in procs:
        for i, v in load(out).get(opt.agent, {}).items():
            if v["behavior"] not in ("OK", "INFORMATIONAL") or v["behaviorClose"] not in ("OK", "INFORMATIONAL"):
                v["result"], v["resultClose"] = detail(out, v)
            v["reportfile"] = os.path.join(os.path.basename(out), v["reportfile"])
            got[i] = v
    return got


def main_server(opt):
    url = opt.target if "://" in opt.target else "ws://127.0.0.1:%d" % int(opt.target)
    if not opt.http2:
        return test_server(opt, url)
    # the suite talks to the bridge, and the bridge HTTP/2 to the server
    u = urllib.parse.urlsplit(url)
    bridge = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http2_bridge.py")
    with open(os.path.join(opt.out, "bridge.log"), "w") as log:
        p = subprocess.Popen([sys.executable, "-u", bridge, "0", str(u.port)] + (["--tls"] if u.scheme == "wss" else []),
                             stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            port = p.stdout.readline().split()[-1:]
            if not port:
                print("bridge did not start, see %s/bridge.log" % opt.out, file=sys.stderr)
                sys.exit(2)
            return test_server(opt, "ws://127.0.0.1:%s%s" % (port[0], u.path))
        finally:
            p.terminate()
            p.wait()


def test_server(opt, url):
    wanted, titles = plan(opt)
    deadline = time.time() + opt.timeout
    # a server that cannot be opened would cost five seconds a case
    first = run_cases(wanted[:1], opt, url, "-first", deadline).get(wanted[0])
    if not first or "handshake was never completed" in (first.get("resultClose") or ""):
        print("no WebSocket at %s: %s" % (url, first["resultClose"] if first else "cannot connect"), file=sys.stderr)
        sys.exit(2)
    t0 = time.time()
    got = run_cases(wanted, opt, url, "", deadline)
    for n in range(opt.retries):
        bad = [i for i in wanted
               if i not in got or got[i]["behavior"] != "UNIMPLEMENTED" and verdict(got[i], opt) == "fail"]
        if not bad or time.time() > deadline:
            break
        again = run_cases(bad, opt, url, "-retry%d" % (n + 1), deadline)
        for i, v in again.items():
            v["attempts"] = n + 2
            got[i] = v
    rep, failed = summarise(wanted, got, opt, titles, time.time() - t0, "%s %s" % (opt.agent, url))
    return [rep], failed


def main_client(opt):
    wanted, titles = plan(opt)
    port = opt.port
    if not port:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
    out = fresh(os.path.join(opt.out, "detail"))
    # the worker writes to this once it listens; nothing but the end of file means that it died
    ready, theirs = os.pipe()
    spec = {"url": "ws://127.0.0.1:%d" % port, "outdir": out, "cases": wanted, "exclude-cases": [],
            "exclude-agent-cases": {}, "html": opt.html, "messages": opt.messages, "verify": opt.verify,
            "options": opt.options, "ready": theirs}
    log = open(os.path.join(opt.out, "worker.log"), "w")
    p = spawn("server", spec, os.path.join(opt.out, "spec.json"), log, pass_fds=[theirs])
    os.close(theirs)
    t0 = time.time()
    try:
        if not select.select([ready], [], [], 30)[0] or not os.read(ready, 1):
            print("fuzzing server did not start, see %s/worker.log" % opt.out, file=sys.stderr)
            sys.exit(2)
        env = dict(os.environ, AB_URL="ws://127.0.0.1:%d" % port, AB_PORT=str(port), AB_AGENT=opt.agent)
        try:
            rc = subprocess.run(opt.command, env=env, timeout=opt.timeout,
                                stdout=subprocess.DEVNULL if opt.quiet else None).returncode
            if rc:
                print("client ended with status %d" % rc, file=sys.stderr)
        except subprocess.TimeoutExpired:
            print("time limit reached: client stopped", file=sys.stderr)
        except OSError as e:
            print("cannot run client: %s" % e, file=sys.stderr)
            sys.exit(2)
        wall = time.time() - t0
    finally:
        os.close(ready)
        stop(p)
        log.close()
    reps, failed = [], 0
    results = load(out) or {opt.agent: {}}
    for agent, got in sorted(results.items()):
        for v in got.values():
            if v["behavior"] not in ("OK", "INFORMATIONAL") or v["behaviorClose"] not in ("OK", "INFORMATIONAL"):
                v["result"], v["resultClose"] = detail(out, v)
            v["reportfile"] = os.path.join("detail", v["reportfile"])
        rep, f = summarise(wanted, got, opt, titles, wall, agent)
        reps.append(rep)
        failed += f
    return reps, failed


def main():
    if len(sys.argv) == 3 and sys.argv[1] in ("_client", "_server"):
        return worker(sys.argv[1][1:], sys.argv[2])
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = ap.add_subparsers(dest="mode", required=True)
    for mode in ("server", "client"):
        a = sub.add_parser(mode)
        if mode == "server":
            a.add_argument("target", help="port on 127.0.0.1, or a ws:// or wss:// URL")
            a.add_argument("--http2", action="store_true",
                           help="reach the server over HTTP/2 (RFC 8441), with TLS for a wss URL")
            a.add_argument("--jobs", type=int, default=1, help="processes (connections at a time)")
            a.add_argument("--retries", type=int, default=0, help="repeat failed cases up to N times")
        else:
            a.add_argument("--port", type=int, default=0, help="port of the fuzzing server (default: a free one)")
            a.add_argument("--quiet", action="store_true", help="drop the client's stdout")
            a.add_argument("command", nargs="+")
        a.add_argument("--cases", action="append", default=[],
                       help="comma list of core, limits, deflate, all, 6.*, 7.1.6 .. (default: all)")
        a.add_argument("--exclude", action="append", default=[], help="same form")
        a.add_argument("--shard", help="K/N: every N-th case from the K-th on")
        a.add_argument("--messages", type=int, help="at most N messages in each of 9.7, 9.8, 12.*, 13.* (upstream: 1000)")
        a.add_argument("--agent", default="testee")
        a.add_argument("--out", default="", help="report directory (default ./ab-report)")
        a.add_argument("--html", action="store_true", help="write Autobahn's HTML reports too")
        a.add_argument("--timeout", type=float, default=3600, help="seconds for the whole run")
        a.add_argument("--allow-unimplemented", action="store_true", help="do not count UNIMPLEMENTED as failed")
        a.add_argument("--strict", action="store_true", help="count NON-STRICT as failed")
        a.add_argument("--lenient-close", action="store_true", help="do not fail a case for its closing handshake alone")
        a.add_argument("--no-verify", dest="verify", action="store_false", help="9.*: lengths only, as upstream")
        a.add_argument("--options", type=json.loads, default={}, help="Autobahn protocol options, JSON")
        a.add_argument("--show", type=int, default=40, help="failures to print")
    opt = ap.parse_args()
    for k in ("cases", "exclude"):
        setattr(opt, k, [x for s in getattr(opt, k) for x in s.split(",") if x])
    opt.cases = opt.cases or ["all"]
    opt.out = os.path.abspath(opt.out or "ab-report")
    os.makedirs(opt.out, exist_ok=True)
    reps, failed = (main_server if opt.mode == "server" else main_client)(opt)
    with open(os.path.join(opt.out, "report.json"), "w") as f:
        json.dump(reps[0] if len(reps) == 1 else reps, f, indent=1)
    print("report: %s/report.json" % opt.out)
    print("%d passed, %d failed" % (sum(r["passed"] for r in reps), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
