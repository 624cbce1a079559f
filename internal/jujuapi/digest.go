package jujuapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// newSalt makes the key of a session's digests.
func newSalt() []byte {
	salt := make([]byte, sha256.Size)
	// crypto/rand.Read never fails: it ends the program if it cannot be random.
	_, _ = rand.Read(salt)
	return salt
}

// digest is the same for what is the same, in this session only: without the salt
// nobody can find out a password by trying which one has that digest.
func (s *Session) digest(canonical any) string {
	// Maps are written in the order of their keys; what is digested here is made of
	// texts, lists and maps of them, which JSON can always write.
	data, err := json.Marshal(canonical)
	if err != nil {
		data = fmt.Append(nil, canonical)
	}
	mac := hmac.New(sha256.New, s.salt)
	_, _ = mac.Write(data)
	return hex.EncodeToString(mac.Sum(nil))
}

// textOf is a value of Juju's configuration as a text, whatever type it came back
// with: 3.x and 4.x differ in that.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// listOf is a list of texts, in a fixed order, of one that came as a list (3.x) or as
// a text with commas (4.x).
func listOf(v any) []string {
	out := []string{}
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			add(textOf(one))
		}
	case []string:
		for _, one := range v {
			add(one)
		}
	default:
		for one := range strings.SplitSeq(textOf(v), ",") {
			add(one)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
