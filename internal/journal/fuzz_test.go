package journal

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadJournal reads files as a journal: one that is accepted reads the same
// without what is torn, with a record after it, and written anew.
func FuzzReadJournal(f *testing.F) {
	good := `{"format":1,"seq":1,"time":"2026-11-22T02:00:00Z","run":1,"event":"begun"}` + "\n" +
		`{"format":1,"seq":2,"time":"2026-11-22T02:00:01Z","run":1,"event":"step","step":"/prod/backup","status":"failed","detail":"x\ny","fix":["a"]}` + "\n"
	for _, s := range []string{"", "\n", good, good[:len(good)-1], good + "\x00\x00", good + "{\n", good + good, `{"format":2,"seq":1}` + "\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		records, whole, err := parseRecords(data)
		if err != nil {
			if records != nil || whole != 0 {
				t.Fatalf("with the error %v come %d records and %d bytes", err, len(records), whole)
			}
			return
		}
		if whole > len(data) || bytes.Count(data[:whole], []byte("\n")) != len(records) {
			t.Fatalf("%d records are said to take %d of %d bytes", len(records), whole, len(data))
		}
		if rest := data[whole:]; bytes.IndexByte(rest, '\n') >= 0 && rest[len(rest)-1] != '\n' {
			t.Fatalf("more than one torn line is left out: %q", rest)
		}
		next, err := json.Marshal(Record{Format: Format, Seq: len(records) + 1, Event: Resumed})
		if err != nil {
			t.Fatal(err)
		}
		wantRecords(t, records, data[:whole])
		wantRecords(t, append(records, Record{Format: Format, Seq: len(records) + 1, Event: Resumed}), append(bytes.Clone(data[:whole]), append(next, '\n')...))
		var anew bytes.Buffer
		for _, r := range records {
			if err := json.NewEncoder(&anew).Encode(r); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
		}
		wantRecords(t, records, anew.Bytes())
	})
}

func wantRecords(t *testing.T, want []Record, data []byte) {
	t.Helper()
	got, whole, err := parseRecords(data)
	if err != nil || whole != len(data) {
		t.Fatalf("%d of %d bytes are read, %v: %q", whole, len(data), err, data)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(w), string(g)); diff != "" && len(want)+len(got) > 0 {
		t.Fatalf("other records are read:\n%s", diff)
	}
}
