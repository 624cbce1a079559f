package fleet

import "testing"

func TestNoPasswordInAnAddressThatAnErrorQuotesIsShown(t *testing.T) {
	const said = `cannot access URL "https://bob:pa%zz@streams.example/index": 503; see http://other/@x`
	if got, want := Scrub(said), `cannot access URL "https://streams.example/index": 503; see http://other/@x`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNoCredentialThatAnErrorQuotesIsShown(t *testing.T) {
	const said = "aborted: credential attribute mismatch: map[key:canary [x]\ncanary] != map[key:canary]"
	if got, want := Scrub(said), "aborted: credential attribute mismatch: (values are not shown)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const other = "cannot read roadmap[1]"
	if got := Scrub(other); got != other {
		t.Errorf("got %s", got)
	}
}

// TestNoPasswordThatIsCutOffIsShown: wherever the text ends.
func TestNoPasswordThatIsCutOffIsShown(t *testing.T) {
	for said, want := range map[string]string{
		"see http://bob:canary":                "see http://…",
		"see http://bob:canary@host and http":  "see http://host and http",
		"see http://bob:canary@host:80/x: 503": "see http://host:80/x: 503",
		"no address":                           "no address",
	} {
		if got := ScrubBeginning(said); got != want {
			t.Errorf("%q is shown as %q, want %q", said, got, want)
		}
	}
}
