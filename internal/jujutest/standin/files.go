package standin

import (
	"github.com/juju/errors"

	"github.com/juju/juju/cloud"
	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// files are what the client's own files say of a cloud.
type files struct {
	// cloud and credential are nil where they say nothing.
	cloud      *estate.Cloud
	credential *estate.Credential
	// hostRegion is the cloud and region that a cluster is in.
	hostRegion string
}

// clientFiles reads what the client's files say of a cloud, and which credential is
// taken: the one that is named, the default one, or the only one.
func clientFiles(name, credential string) (files, error) {
	var out files
	clouds, err := cloud.PersonalCloudMetadata()
	if err != nil {
		return out, err
	}
	known, ok := clouds[name]
	if !ok {
		return out, nil
	}
	out.hostRegion = known.HostCloudRegion
	out.cloud = &estate.Cloud{Name: name, Type: known.Type, Endpoint: known.Endpoint, CACerts: known.CACertificates}
	for _, r := range known.Regions {
		out.cloud.Regions = append(out.cloud.Regions, estate.Region{Name: r.Name, Endpoint: r.Endpoint})
	}
	for _, t := range known.AuthTypes {
		out.cloud.AuthTypes = append(out.cloud.AuthTypes, string(t))
	}
	stored, err := jujuclient.NewFileClientStore().CredentialForCloud(name)
	if errors.Is(err, errors.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.credential, err = pick(name, stored, credential)
	return out, err
}

func pick(cloudName string, stored *cloud.CloudCredential, name string) (*estate.Credential, error) {
	if name == "" {
		name = stored.DefaultCredential
	}
	for only := range stored.AuthCredentials {
		if name == "" && len(stored.AuthCredentials) == 1 {
			name = only
		}
	}
	found, ok := stored.AuthCredentials[name]
	switch {
	case name == "" && len(stored.AuthCredentials) > 1:
		return nil, errors.Errorf("more than one credential is available for cloud %q", cloudName)
	case name == "":
		return nil, nil
	case !ok:
		return nil, errors.NotFoundf("%q credential for cloud %q", name, cloudName)
	}
	return &estate.Credential{Cloud: cloudName, Name: name, AuthType: string(found.AuthType()), Attributes: found.Attributes()}, nil
}
