package preflight

import (
	"fmt"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// credentialChecks are about the cloud credential that travels with a model. They
// name attributes, and never their values.
func credentialChecks() []check {
	model := func(code string, severity fleet.Severity, acceptable bool, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.OneModel, Acceptable: acceptable, Summary: summary},
			when:  func(v view) bool { return v.lands() && v.credential() != nil }, model: says,
		}
	}
	b, w := fleet.Blocker, fleet.Warning
	return []check{
		model("credential-differs", b, false, "The target has another credential of the same cloud, owner and name.", credentialDiffers),
		model("credential-unseen", w, false, "The target has a credential of the same cloud, owner and name that cannot be compared.", credentialUnseen),
		model("credential-invalid", b, true, "The cloud refuses the model's credential.", credentialInvalid),
		model("credential-foreign", b, false, "The model's credential is not its owner's.", credentialForeign),
	}
}

// credential is the model's; nil when it has none, or it is not known.
func (v view) credential() *fleet.Credential {
	if b := v.m.Belongings; b != nil && b.Credential.Name != "" {
		return &b.Credential
	}
	return nil
}

// another is the command that gives the model a credential by another name: it
// takes one of whoever is logged in.
func (v view) another(name string) string {
	c := v.credential()
	return fmt.Sprintf("juju set-credential -m %s %s %s   # as %s", v.here(), c.Cloud, name, v.m.Belongings.Owner)
}

// update is the command that brings the credential up to date.
func (v view) update(controller string) string {
	c := v.credential()
	return fmt.Sprintf("juju update-credential %s %s -c %s   # as %s", c.Cloud, c.Name, controller, c.Owner)
}

func credentialDiffers(v view) []say {
	clash := v.m.Belongings.Clash
	if clash == nil || clash.Hidden {
		return nil
	}
	what := "it is of another auth type"
	if !clash.AuthTypes {
		what = "these of its attributes differ: " + some(slices.Sorted(slices.Values(clash.Attributes)))
		if len(clash.Attributes) == 0 {
			what = "it differs"
		}
	}
	if v.there.controller.Planned {
		return one(v.uploadsAnother(what))
	}
	return one(say{
		meaning: fmt.Sprintf("%s has another credential %s: %s; Juju takes a model only if they are the same in each attribute, and its import would fail",
			v.there.controller.Name, v.credential(), what),
		see: []string{
			"juju show-credential -c " + v.c.Name + " " + v.credential().Cloud + " " + v.credential().Name,
			"juju show-credential -c " + v.there.controller.Name + " " + v.credential().Cloud + " " + v.credential().Name,
		},
		fix: []string{v.another("OTHER"), v.update(v.c.Name), v.update(v.there.controller.Name)},
	})
}

// uploadsAnother is about the credential of this client that the target is made with.
func (v view) uploadsAnother(what string) say {
	c := v.credential()
	return say{
		meaning: fmt.Sprintf("%s is made with this client's credential %s %s, and %s has another one of that name: %s; Juju takes a model only if they are the same in each attribute, and its import would fail",
			v.there.controller.Name, c.Cloud, c.Name, v.c.Name, what),
		see: []string{"juju show-credential --client " + c.Cloud + " " + c.Name, "juju show-credential -c " + v.c.Name + " " + c.Cloud + " " + c.Name},
		fix: []string{
			v.update(v.c.Name), v.another("OTHER"),
			v.replan(" --bootstrap-arg --credential=OTHER   # one of this client with another name"),
		},
	}
}

func credentialUnseen(v view) []say {
	clash := v.m.Belongings.Clash
	if clash == nil || !clash.Hidden {
		return nil
	}
	if v.there.controller.Planned {
		return one(say{
			meaning: fmt.Sprintf("%s is made with this client's credential %s %s, of which \"juju bootstrap\" makes the real one (it reads a file, logs in or makes a certificate): if that is not the same as %s has of that name, in each attribute, the model's import fails, and it goes on where it is",
				v.there.controller.Name, v.credential().Cloud, v.credential().Name, v.c.Name),
			fix: []string{v.another("OTHER")},
		})
	}
	return one(say{
		meaning: fmt.Sprintf("%s has a credential %s too, and shows it to its owner only: if they are not the same in each attribute, the model's import fails, and it goes on where it is",
			v.there.controller.Name, v.credential()),
		see: []string{"juju show-credential -c " + v.there.controller.Name + " " + v.credential().Cloud + " " + v.credential().Name + "   # as " + v.credential().Owner},
		fix: []string{v.another("OTHER")},
	})
}

// credentialInvalid is acceptable: Juju asks the cloud for the machines only late,
// and not of every cloud. (Of a credential that was revoked no call tells; Juju
// itself refuses to migrate its models.)
func credentialInvalid(v view) []say {
	if !v.credential().Invalid {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("its credential %s is not valid: the check of its machines after the import would fail, and the migration be aborted", v.credential()),
		see:     []string{"juju show-credential -c " + v.c.Name + " " + v.credential().Cloud + " " + v.credential().Name, "juju show-model " + v.here()},
		fix:     []string{v.update(v.c.Name)},
	})
}

// credentialForeign is about Juju looking for the credential among the owner's.
// Source: Juju state/model.go validateCloudCredential.
func credentialForeign(v view) []say {
	owner := v.m.Belongings.Owner
	if owner == "" || v.credential().Owner == owner {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("its credential %s is not of its owner %s: the target looks for it among the owner's, and its import would fail", v.credential(), owner),
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{v.another("CREDENTIAL")},
	})
}
