package fleet

import "testing"

func TestAPodIsInTheNamespaceThatHasItsModelsName(t *testing.T) {
	for model, want := range map[string]string{
		"admin/web": "kubectl -n web describe pod mail-2",
		"web":       "kubectl -n web describe pod mail-2",
	} {
		if got := DescribePod(Ref{Name: model}, "mail/2"); got != want {
			t.Errorf("%s: %s", model, got)
		}
	}
}
