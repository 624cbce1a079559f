package standin

import (
	"errors"
	"fmt"

	"github.com/juju/juju/core/model"
	"github.com/juju/juju/jujuclient"
)

// controllerModel is the name of a controller's own model.
const controllerModel = "admin/controller"

// details are the entry of the controller.
func (m *making) details() jujuclient.ControllerDetails {
	return jujuclient.ControllerDetails{
		ControllerUUID: m.made.UUID, APIEndpoints: []string{}, CACert: m.made.CACert,
		Cloud: m.made.Cloud, CloudRegion: m.made.Region, CloudType: m.made.CloudType,
	}
}

// begin writes all that is known of the controller, before anything is done.
func (m *making) begin() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, _ = m.store.CurrentController() // there may be none
	if err := m.store.AddController(m.name, m.details()); err != nil {
		return err
	}
	own := jujuclient.ModelDetails{ModelUUID: m.made.ModelUUID, ModelType: model.IAAS}
	if m.kubernetes() {
		own.ModelType = model.CAAS
	}
	config := jujuclient.BootstrapConfig{
		ControllerConfig: m.config, Config: map[string]any{"name": "controller", "type": m.made.CloudType},
		ControllerModelUUID: m.made.ModelUUID, Cloud: m.made.Cloud, CloudType: m.made.CloudType,
		CloudRegion: m.made.Region, CloudEndpoint: m.made.Endpoint,
	}
	err := errors.Join(
		m.store.UpdateBootstrapConfig(m.name, config),
		m.store.UpdateAccount(m.name, jujuclient.AccountDetails{User: "admin", Password: m.made.Password, LastKnownAccess: "superuser"}),
		m.store.UpdateModel(m.name, controllerModel, own),
	)
	if err == nil && !m.noSwitch {
		err = m.store.SetCurrentController(m.name)
	}
	return err
}

// addressed writes where the controller answers.
func (m *making) addressed(addrs []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return errors.New("cancelled")
	}
	machines := 1
	details := m.details()
	details.APIEndpoints, details.AgentVersion = addrs, m.made.Version
	details.ControllerMachineCount, details.MachineCount = 1, &machines
	return m.store.UpdateController(m.name, details)
}

// failed takes away what was written, and tells why.
func (m *making) failed(why error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		select {} // Ctrl-C is ending the program
	}
	m.over = true
	if err := m.store.RemoveController(m.name); err != nil {
		return err
	}
	if m.before != "" {
		if err := m.store.SetCurrentController(m.before); err != nil {
			return err
		}
	}
	return fmt.Errorf("failed to bootstrap model: %w", why)
}

// end tells that the controller has come up.
func (m *making) end() error {
	workloads := "workloads"
	if m.kubernetes() {
		m.say("\nBootstrap complete, controller %q is now available in namespace %q", m.name, m.namespace())
		workloads = "k8s workloads"
	} else {
		m.say("\nBootstrap complete, controller %q is now available", m.name)
		m.say("Controller machines are in the \"controller\" model")
	}
	m.say("\nNow you can run\n\tjuju add-model <model-name>\nto create a new model to deploy %s.", workloads)
	return nil
}
