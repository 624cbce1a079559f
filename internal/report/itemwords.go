package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// itemKinds are the kinds of what is cloned, in the order of the screens, and what
// some things of each are called together.
var itemKinds = []struct {
	kind  fleet.ItemKind
	label string
}{
	{fleet.CloudItem, "clouds"},
	{fleet.CloudAccessItem, "cloud access"},
	{fleet.ConfigItem, "configuration"},
	{fleet.ModelDefaultItem, "model defaults"},
	{fleet.BackendItem, "secret backends"},
}

// itemWords name an item as a step is called: "cloud aws", "config
// audit-log-max-size", "model default http-proxy of aws/eu-west-1".
func itemWords(i fleet.Item) string {
	name := itemName(i)
	switch i.Kind {
	case fleet.CloudItem:
		return "cloud " + name
	case fleet.CloudAccessItem:
		return "access of " + clean(i.User) + " to cloud " + clean(i.Name)
	case fleet.ConfigItem:
		return "config " + name
	case fleet.ModelDefaultItem:
		return "model default " + name
	case fleet.BackendItem:
		return "secret backend " + name
	}
	return clean(i.Path())
}

// itemName names an item among others of its kind.
func itemName(i fleet.Item) string {
	switch i.Kind {
	case fleet.CloudAccessItem:
		return clean(i.User) + parenthesis(i.Access) + " to " + clean(i.Name)
	case fleet.ModelDefaultItem:
		return clean(i.Name) + " of " + defaultsOf(i)
	}
	return clean(i.Name)
}

// defaultsOf is where a model default holds: "aws", "aws/eu-west-1".
func defaultsOf(i fleet.Item) string {
	if i.Region == "" {
		return clean(i.Cloud)
	}
	return clean(i.Cloud + "/" + i.Region)
}

// itemNames name items of one kind together: model defaults by where they hold.
func itemNames(items []fleet.Item) []string {
	var out, places []string
	keys := map[string][]string{}
	for _, i := range items {
		if i.Kind != fleet.ModelDefaultItem {
			out = append(out, itemName(i))
			continue
		}
		at := defaultsOf(i)
		if keys[at] == nil {
			places = append(places, at)
		}
		keys[at] = append(keys[at], clean(i.Name))
	}
	for _, at := range places {
		out = append(out, join(keys[at])+" of "+at)
	}
	return out
}

// compareItem is the command that shows what a controller has of the item; takeItem
// the one that gives it what somebody wants it to have.
func compareItem(controller string, i fleet.Item) string {
	c, name := " -c "+clean(controller), clean(i.Name)
	switch i.Kind {
	case fleet.CloudItem, fleet.CloudAccessItem:
		return "juju show-cloud " + name + c
	case fleet.ConfigItem:
		return "juju controller-config" + c + " " + name
	case fleet.ModelDefaultItem:
		return "juju model-defaults" + c + defaultsOption(i) + " " + name
	}
	return "juju show-secret-backend" + c + " " + name
}

func takeItem(controller string, i fleet.Item) string {
	c, name := " -c "+clean(controller), clean(i.Name)
	switch i.Kind {
	case fleet.CloudItem:
		return "juju update-cloud " + name + c + " -f FILE"
	case fleet.CloudAccessItem:
		return "juju grant-cloud" + c + " " + clean(i.User) + " " + orElse(clean(i.Access), "ACCESS") + " " + name
	case fleet.ConfigItem:
		return "juju controller-config" + c + " " + name + "=VALUE"
	case fleet.ModelDefaultItem:
		return "juju model-defaults" + c + defaultsOption(i) + " " + name + "=VALUE"
	}
	return "juju update-secret-backend" + c + " " + name + " --config FILE"
}

func defaultsOption(i fleet.Item) string {
	words := " --cloud " + clean(i.Cloud)
	if i.Region != "" {
		words += " --region " + clean(i.Region)
	}
	return words
}

// itemsOf are what the plan clones, of that kind.
func itemsOf(p *plan.Plan, kind fleet.ItemKind) []fleet.Item {
	var out []fleet.Item
	for _, s := range p.Steps {
		if s.Kind == plan.CloneItem && s.Item != nil && s.Item.Kind == kind {
			out = append(out, *s.Item)
		}
	}
	return out
}

// clones counts the items that the plan clones.
func clones(p *plan.Plan) int {
	n := 0
	for _, s := range p.Steps {
		if s.Kind == plan.CloneItem {
			n++
		}
	}
	return n
}

// stepOf returns the first step of that kind, or nil.
func stepOf(p *plan.Plan, kind plan.Kind) *plan.Step {
	i := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.Kind == kind })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

// makes returns the step that makes the controller that models move to, or nil.
func makes(p *plan.Plan) *plan.Step {
	if s := stepOf(p, plan.MakeController); s != nil && s.Bootstrap != nil {
		return s
	}
	return nil
}

// listed are names for one row, when they are many only the first.
func (s Style) listed(names []string, most int) string {
	list := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" %s %d more (--format yaml shows all)", s.ellipsis(), more)
	}
	return list
}
