package jujuapi

import (
	"slices"
	"strings"

	"github.com/juju/errors"

	"github.com/juju/juju/cloud"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// The client's own files of clouds, besides the store's.
const (
	cloudsFile       = "clouds.yaml"
	publicCloudsFile = "public-clouds.yaml"
	credentialsFile  = "credentials.yaml"
)

// cloudNamed finds a cloud as "juju bootstrap" does: the operator's own before the
// public ones (cloud.CloudByName), then those that Juju finds on this machine. It is nil
// when there is none.
func (s *Store) cloudNamed(name, region string) (*cloud.Cloud, error) {
	data, err := s.read(cloudsFile)
	if err != nil {
		return nil, err
	}
	if data != nil {
		own, err := cloud.ParseCloudMetadata(data)
		if err != nil {
			return nil, bad(errors.Errorf("cannot read %s: it is not a file of juju's clouds", s.path(cloudsFile)))
		}
		if found, ok := own[name]; ok {
			return &found, nil
		}
	}
	public, _, err := cloud.PublicCloudMetadata(s.path(publicCloudsFile))
	if err != nil {
		return nil, bad(errors.Errorf("cannot read %s: it is not a file of juju's clouds", s.path(publicCloudsFile)))
	}
	if found, ok := public[name]; ok {
		return &found, nil
	}
	return detectedCloud(name, region), nil
}

// detectedCloud is a cloud that needs no entry: the local LXD and MicroK8s, and the
// types whose region is taken for an address. What else Juju finds by asking LXD or the
// environment is not known here. (internal/provider/lxd, kubernetes DetectCloud; cmd/juju
// bootstrap.go detectCloud)
func detectedCloud(name, region string) *cloud.Cloud {
	local := []cloud.Region{{Name: "localhost"}}
	switch name {
	case "localhost", "lxd":
		return &cloud.Cloud{Name: "localhost", Type: "lxd", Regions: local}
	case "microk8s":
		return &cloud.Cloud{Name: name, Type: cloud.CloudTypeKubernetes, HostCloudRegion: "microk8s/localhost", Regions: local}
	case "manual", "unmanaged", "maas":
		if region != "" {
			return &cloud.Cloud{Name: name, Type: name, Endpoint: region}
		}
	}
	return nil
}

// choice is where a controller is to be made.
type choice struct {
	cloud  cloud.Cloud
	region string
	// credential is the name of the stored credential that is taken; empty when none is.
	credential string
}

// choose finds the cloud and the region that "juju bootstrap" would take. What the
// client does not know is the problem, and no error.
func (s *Store) choose(how fleet.Bootstrap) (choice, *fleet.Problem, error) {
	found, err := s.cloudNamed(how.Cloud, how.Region)
	if err != nil {
		return choice{}, nil, err
	}
	if found == nil {
		return choice{}, &fleet.Problem{
			Code:   fleet.NotFound,
			Text:   "this client knows no cloud " + how.Cloud,
			Remedy: "juju add-cloud --client " + how.Cloud,
		}, nil
	}
	out := choice{cloud: *found, region: how.Region}
	if found.Endpoint == how.Region && len(found.Regions) == 0 {
		out.region = ""
	}
	credentials, err := s.credentialsFor(found.Name)
	if err != nil {
		return out, nil, err
	}
	var problem *fleet.Problem
	out.credential, problem = pickCredential(*found, credentials, option(how.Args, "credential"))
	if out.region == "" {
		out.region = credentials.DefaultRegion
	}
	switch {
	case out.region != "":
		region, err := cloud.RegionByName(found.Regions, out.region)
		if err != nil {
			return out, unknownRegion(*found, out.region), nil
		}
		out.region = region.Name
	case len(found.Regions) > 0:
		out.region = found.Regions[0].Name
	}
	return out, problem, nil
}

func unknownRegion(c cloud.Cloud, region string) *fleet.Problem {
	text := "cloud " + c.Name + " has no region " + region + " on this client"
	if names := cloud.RegionNames(c.Regions); len(names) > 0 {
		text += ": it has " + strings.Join(names, ", ")
	}
	return &fleet.Problem{Code: fleet.NotFound, Text: text, Remedy: "juju regions --client " + c.Name}
}

// credentialsFor reads the client's credentials of a cloud; empty when there are none.
func (s *Store) credentialsFor(name string) (cloud.CloudCredential, error) {
	var none cloud.CloudCredential
	data, err := s.read(credentialsFile)
	if err != nil || data == nil {
		return none, err
	}
	all, err := cloud.ParseCredentials(data)
	if err != nil {
		// The text may quote the file, which has secrets in it.
		return none, bad(errors.Errorf("cannot read %s: it is not a juju credentials file", s.path(credentialsFile)))
	}
	return all[name], nil
}

// pickCredential is the name of the credential that "juju bootstrap" would take, or says
// that it would not know which. One that is named has to be there; else there is one, or
// a default one, or none is needed. (cmd/modelcmd/credentials.go credentialByName) Juju
// would look for more in the environment: a run that goes on for hours does not build on
// that.
func pickCredential(c cloud.Cloud, known cloud.CloudCredential, named string) (string, *fleet.Problem) {
	if named == "" {
		named = known.DefaultCredential
	}
	names := natural(known.AuthCredentials)
	if named != "" {
		if slices.Contains(names, named) {
			return named, nil
		}
		return "", &fleet.Problem{
			Code:   fleet.NotFound,
			Text:   "this client has no credential " + named + " for cloud " + c.Name,
			Remedy: "juju add-credential --client " + c.Name,
		}
	}
	switch {
	case len(names) == 1:
		return names[0], nil
	case len(names) == 0 && needsNone(c):
		return "", nil
	case len(names) == 0:
		return "", &fleet.Problem{
			Code:   fleet.NotFound,
			Text:   "this client has no credential for cloud " + c.Name,
			Remedy: "juju add-credential --client " + c.Name,
		}
	}
	return "", &fleet.Problem{
		Code: fleet.NotFound,
		Text: "this client has more than one credential for cloud " + c.Name + ", and none of them is the default: " +
			strings.Join(names, ", "),
		Remedy: "juju default-credential " + c.Name + " " + names[0],
	}
}

// needsNone says that a cloud is used without a stored credential: it takes none, or
// Juju gets one for itself (the local LXD, MicroK8s).
func needsNone(c cloud.Cloud) bool {
	switch {
	case c.AuthTypes.Contains(cloud.EmptyAuthType), givenMachines(c.Type):
		return true
	}
	return c.Name == "localhost" || c.Name == "microk8s"
}
