"""Run the unittest classes of a module and print TAP, a line a test."""

import os
import sys
import traceback
import unittest


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.bad = 0

    def line(self, ok, test, note=""):
        self.count += 1
        self.bad += not ok
        name = test.id().split(".", 1)[-1].replace("#", " ")
        print("%s %d - %s%s" % ("ok" if ok else "not ok", self.count, name, note), flush=True)

    def addSuccess(self, test):
        self.line(True, test)

    def addSkip(self, test, reason):
        self.line(True, test, " # SKIP " + reason)

    def problem(self, test, err):
        self.line(False, test)
        for text in "".join(traceback.format_exception(*err)).splitlines():
            print("# " + text, flush=True)

    addError = problem
    addFailure = problem

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.problem(subtest, err)


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else None
    loader = unittest.TestLoader()
    if pattern:
        loader.testNamePatterns = ["*" + pattern + "*"]
    suite = loader.loadTestsFromModule(sys.modules["__main__"])
    result = TapResult()
    suite.run(result)
    print("1..%d" % result.count, flush=True)
    sys.stdout.flush()
    os._exit(1 if result.bad or result.count == 0 else 0)
