package jujuapi

import (
	"fmt"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// classed classifies an error within a result.
func classed(e *params.Error) error {
	p := &fleet.Problem{Code: fleet.Other, Text: text(e)}
	if code, ok := codes()[e.Code]; ok {
		p.Code = code
	}
	return p
}

// told classifies an error within the result of a question. Without a code it passes.
func told(e *params.Error) error {
	if e.Code == "" {
		return passes(e)
	}
	return classed(e)
}

// refused classifies an error within the result of a request that changes something,
// or asks what would be refused: the facade has looked at it and says no, for which
// Juju has no code in most cases.
func refused(e *params.Error) error {
	switch e.Code {
	case "":
		return &fleet.Problem{Code: fleet.Refused, Text: text(e)}
	case params.CodeAlreadyExists:
		return &fleet.Problem{Code: fleet.Exists, Text: text(e)}
	}
	return classed(e)
}

// asMany says that a server answered something else than what was asked for.
func asMany(asked, answered int) error {
	if asked == answered {
		return nil
	}
	return &fleet.Problem{Code: fleet.Other, Text: fmt.Sprintf("%d answers came to %d questions", answered, asked)}
}
