package fleet

import (
	"errors"
	"fmt"
	"testing"
)

func TestACodeIsFoundThroughWhateverWrapsIt(t *testing.T) {
	err := fmt.Errorf("cannot look at prod: %w", &Problem{Code: Busy, Text: "upgrade in progress", Remedy: "juju status"})
	if CodeOf(err) != Busy || !Passing(err) {
		t.Errorf("code %s", CodeOf(err))
	}
	p := ProblemOf(err)
	if p.Code != Busy || p.Text != err.Error() || p.Remedy != "juju status" {
		t.Errorf("%+v", p)
	}
}

func TestAnErrorWithoutACodeIsOtherAndDoesNotPass(t *testing.T) {
	err := errors.New("connection refused")
	if CodeOf(err) != Other || Passing(err) || ProblemOf(err).Code != Other {
		t.Error("its text has decided")
	}
	if CodeOf(nil) != "" || Passing(nil) {
		t.Error("no error has a code")
	}
}

func TestBadInputIsFoundThroughWhateverWrapsIt(t *testing.T) {
	err := fmt.Errorf("plan: %w", BadInput("no such controller %q", "prod"))
	if !IsBadInput(err) || IsBadInput(errors.New("other")) {
		t.Error(err)
	}
}

func TestOnlyWhatHealsByItselfPasses(t *testing.T) {
	for code, want := range map[ProblemCode]bool{
		Unreachable: true, Busy: true, Untrusted: false, LoginNeeded: false, Forbidden: false, Blocked: false, Refused: false,
		NotFound: false, Moved: false, Unsupported: false, UpToDate: false, Corrupt: false, Other: false,
	} {
		if got := Passing(&Problem{Code: code}); got != want {
			t.Errorf("%s passes: %v", code, got)
		}
	}
}
