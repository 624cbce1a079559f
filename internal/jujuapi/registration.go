package jujuapi

import (
	"encoding/asn1"
	"encoding/base64"

	"github.com/juju/errors"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// registration is the string with which a user registers a controller, under the
// name and at the addresses that this client's registry has. (cmd/juju/user/utils.go
// generateUserControllerAccessToken, which is not exported)
func (w *Writer) registration(controller fleet.Ref, user string, secretKey []byte) (fleet.Secret, error) {
	name, details, err := w.session.cfg.Store.named(controller.Name, controller.UUID)
	if err != nil {
		return "", err
	}
	info := jujuclient.RegistrationInfo{
		User: user, Addrs: details.APIEndpoints, SecretKey: secretKey, ControllerName: name,
	}
	if details.Proxy != nil {
		details.Proxy.Proxier.Insecure()
		config, err := yaml.Marshal(details.Proxy)
		if err != nil {
			return "", errors.Errorf("cannot write down how controller %s is reached", name)
		}
		info.ProxyConfig = string(config)
	}
	data, err := asn1.Marshal(info)
	if err != nil {
		return "", errors.Errorf("cannot make a registration string for %s", user)
	}
	// Zeros at the end do no harm, and spare the string its "=".
	for len(data)%3 != 0 {
		data = append(data, 0)
	}
	return fleet.Secret(base64.URLEncoding.EncodeToString(data)), nil
}
