package report

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"gopkg.in/yaml.v3"
)

// Encode writes a document in a format of --format: "json" or "yaml".
func Encode(w io.Writer, format string, document any) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(document)
	case "yaml":
		e := yaml.NewEncoder(w)
		e.SetIndent(2)
		if err := e.Encode(document); err != nil {
			return err
		}
		return e.Close()
	}
	return fmt.Errorf("cannot write format %q: want json or yaml", format)
}

// moment is a time as documents have it: RFC 3339 in UTC; "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// seconds is a duration as documents have it.
func seconds(d time.Duration) int { return int(d.Round(time.Second) / time.Second) }
