package jujutest

import (
	"cmp"
	"strings"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// crossModel fills in what a model offers to others and consumes of them.
func (m *model) crossModel(out *params.FullStatus) {
	for _, offer := range m.spec.Offers {
		app := cmp.Or(offer.Application, offer.Name)
		endpoint := cmp.Or(offer.Endpoint, "db")
		url := ""
		for _, a := range m.apps {
			if a.name == app {
				url, _ = a.charmURL()
			}
		}
		connected := m.controller.world.consumers(m, offer)
		out.Offers[offer.Name] = params.ApplicationOfferStatus{
			OfferName: offer.Name, ApplicationName: app, CharmURL: url,
			Endpoints:            map[string]params.RemoteEndpoint{endpoint: {Name: endpoint, Role: "provider", Interface: endpoint}},
			ActiveConnectedCount: connected, TotalConnectedCount: connected,
		}
	}
	for _, remote := range m.spec.Remotes {
		since := m.since
		_, offer := offeredBy(remote.URL)
		out.RemoteApplications[remote.Name] = params.RemoteApplicationStatus{
			OfferURL: remote.URL, OfferName: offer,
			Endpoints: []params.RemoteEndpoint{{Name: "db", Role: "provider", Interface: "db"}},
			Relations: map[string][]string{},
			Status:    params.DetailedStatus{Status: cmp.Or(remote.Status, "active"), Since: &since, Data: map[string]any{}},
		}
	}
}

// listOffers is ApplicationOffers.ListApplicationOffers, for a model's admins.
func listOffers(s *session, args params.OfferFilters) (params.QueryApplicationOffersResultsV5, error) {
	var out params.QueryApplicationOffersResultsV5
	for _, filter := range args.Filters {
		for _, m := range s.controller().models {
			if m.name != filter.ModelName || m.owner != filter.OwnerName || !s.may(m, "admin") {
				continue
			}
			for _, offer := range m.spec.Offers {
				if filter.OfferName == "" || filter.OfferName == offer.Name {
					out.Results = append(out.Results, m.offerDetails(offer))
				}
			}
		}
	}
	return out, nil
}

func (m *model) offerDetails(offer estate.Offer) params.ApplicationOfferAdminDetailsV5 {
	endpoint := cmp.Or(offer.Endpoint, "db")
	out := params.ApplicationOfferAdminDetailsV5{
		ApplicationName: cmp.Or(offer.Application, offer.Name),
		ApplicationOfferDetailsV5: params.ApplicationOfferDetailsV5{
			SourceModelTag: names.NewModelTag(m.uuid).String(), OfferUUID: uuidFrom("offer " + m.uuid + offer.Name),
			OfferURL: m.fullName() + "." + offer.Name, OfferName: offer.Name,
			Endpoints: []params.RemoteEndpoint{{Name: endpoint, Role: "provider", Interface: endpoint}},
			Users:     []params.OfferUserDetails{{UserName: m.owner, Access: "admin"}},
		},
	}
	for i := range m.controller.world.consumers(m, offer) {
		out.Connections = append(out.Connections, params.OfferConnection{
			RelationId: i, Username: m.owner, Endpoint: endpoint, Status: params.EntityStatus{Status: "joined"},
		})
	}
	return out
}

// offeredBy is the model, OWNER/NAME, and the offer of a URL.
func offeredBy(url string) (model, offer string) {
	rest := url[strings.Index(url, ":")+1:]
	model, offer, _ = strings.Cut(rest, ".")
	return model, offer
}

// consumers counts the models anywhere that consume an offer. An offer that has moved
// counts its consumers again as they follow. (seen)
func (w *World) consumers(m *model, offer estate.Offer) int {
	n := 0
	for _, c := range w.controllers {
		for _, other := range c.models {
			if other.importing || m.moved && c != m.controller {
				continue
			}
			for _, remote := range other.spec.Remotes {
				if model, name := offeredBy(remote.URL); model == m.fullName() && name == offer.Name {
					n++
				}
			}
		}
	}
	return n
}
