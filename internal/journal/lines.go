package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// readRecords reads a journal. A last line that is torn, as a crash leaves it,
// is as if it had never been written; anything else that is not a record of the
// right number is an error.
func readRecords(file string) ([]Record, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records, _, err := parseRecords(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return records, nil
}

// parseRecords returns the records and how many bytes they take: what is after
// that is torn.
func parseRecords(data []byte) (records []Record, whole int, err error) {
	for whole < len(data) {
		end := bytes.IndexByte(data[whole:], '\n')
		if end < 0 {
			break
		}
		line := data[whole : whole+end]
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			if whole+end+1 == len(data) {
				// The last line: torn, though the newline got through.
				break
			}
			return nil, 0, fmt.Errorf("line %d is not a record: %w", len(records)+1, err)
		}
		if r.Format != Format {
			return nil, 0, fmt.Errorf("line %d has format %d and this version of the tool reads format %d", len(records)+1, r.Format, Format)
		}
		if r.Seq != len(records)+1 {
			return nil, 0, fmt.Errorf("line %d is record %d: records are missing or doubled", len(records)+1, r.Seq)
		}
		records = append(records, r)
		whole += end + 1
	}
	return records, whole, nil
}
