package jujutest

import (
	"maps"
	"reflect"
	"time"
)

// handler serves one method, in all versions of its facade: those that are served
// here do not differ in it.
type handler struct {
	params reflect.Type // nil if there are none
	result reflect.Type // nil if there is none
	call   func(*session, reflect.Value) (reflect.Value, error)
	slow   func(*session, any) time.Duration
	// panics is the newest version of the facade at which a server of Juju 4 panics. (seen)
	panics int
	// newer serves versions from since on, where their types are others.
	newer *handler
	since int
}

// at is the handler for a version of its facade.
func (h handler) at(v int) handler {
	if h.newer != nil && v >= h.since {
		return *h.newer
	}
	return h
}

// panicsTo makes it panic on Juju 4, up to a version of the facade.
func (h handler) panicsTo(v int) handler {
	h.panics = v
	return h
}

// from has another handler serve versions of the facade from one on.
func (h handler) from(v int, newer handler) handler {
	h.since, h.newer = v, &newer
	return h
}

// takes is how long it takes, in simulated time.
func (h handler) takes(s *session, args any) time.Duration {
	if h.slow == nil {
		return 0
	}
	return h.slow(s, args)
}

// method is a handler with parameters and a result.
func method[P, R any](fn func(*session, P) (R, error)) handler {
	return handler{
		params: reflect.TypeFor[P](),
		result: reflect.TypeFor[R](),
		call: func(s *session, arg reflect.Value) (reflect.Value, error) {
			r, err := fn(s, arg.Interface().(P))
			return reflect.ValueOf(r), err
		},
	}
}

// query is a handler with a result alone.
func query[R any](fn func(*session) (R, error)) handler {
	return handler{
		result: reflect.TypeFor[R](),
		call: func(s *session, _ reflect.Value) (reflect.Value, error) {
			r, err := fn(s)
			return reflect.ValueOf(r), err
		},
	}
}

// command is a handler with parameters alone.
func command[P any](fn func(*session, P) error) handler {
	return handler{
		params: reflect.TypeFor[P](),
		call: func(s *session, arg reflect.Value) (reflect.Value, error) {
			return reflect.Value{}, fn(s, arg.Interface().(P))
		},
	}
}

// action is a handler with neither.
func action(fn func(*session) error) handler {
	return handler{call: func(s *session, _ reflect.Value) (reflect.Value, error) { return reflect.Value{}, fn(s) }}
}

// served is what is served, by facade and method.
type served map[string]map[string]handler

// handlers is all that is served.
func handlers() served {
	all := served{}
	for _, some := range []served{loginHandlers(), controllerHandlers(), ownerHandlers(), modelHandlers(), storageHandlers(),
		charmHandlers(), applicationHandlers(), resourceHandlers(), actionHandlers()} {
		maps.Copy(all, some)
	}
	return all
}

// loginHandlers are of what every connection has.
func loginHandlers() served {
	return served{
		"Admin": {"Login": method(login)},
		"Pinger": {
			"Ping": action(func(*session) error { return nil }),
			"Stop": action(func(*session) error { return nil }),
		},
	}
}

// controllerHandlers are of a controller as a whole.
func controllerHandlers() served {
	return served{
		"ModelManager": {
			"ListModelSummaries": method(listModelSummaries),
			"ListModels":         method(listModels),
			"ModelInfo":          method(modelInfo),
			"ModelStatus":        method(modelStatus),

			"ModelDefaultsForClouds": method(modelDefaultsForClouds),
			"SetModelDefaults":       method(setModelDefaults),
		},
		"ModelUpgrader": {
			"UpgradeModel":      method(upgradeModel),
			"AbortModelUpgrade": abortHandler(),
		},
		"Controller": {
			"AllModels":           query(allModels).panicsTo(12).from(13, query(allModels4)),
			"ListBlockedModels":   query(listBlockedModels).panicsTo(12),
			"ControllerConfig":    query(controllerConfig),
			"ControllerVersion":   query(controllerVersion),
			"MongoVersion":        query(mongoVersion),
			"IdentityProviderURL": query(identityProviderURL),
			"ModelStatus":         method(modelStatus),
			"GetControllerAccess": method(getControllerAccess),

			"ConfigSet":              command(configSet),
			"HostedModelConfigs":     query(hostedModelConfigs).panicsTo(12).from(13, query(hostedModelConfigs4)),
			"InitiateMigration":      initiateMigrationHandler(),
			"ModifyControllerAccess": method(modifyControllerAccess),
		},
		"HighAvailability": {"EnableHA": method(enableHA)},
		"MigrationTarget":  {"Abort": command(abortImport)},
		"SecretBackends": {
			"AddSecretBackends":  method(addSecretBackends),
			"ListSecretBackends": method(listSecretBackends),
		},
	}
}

// ownerHandlers are of users and of what they own.
func ownerHandlers() served {
	return served{
		"UserManager": {
			"AddUser":       method(addUser),
			"DisableUser":   method(disableUser),
			"EnableUser":    method(enableUser),
			"RemoveUser":    method(removeUser),
			"ResetPassword": method(resetPassword),
			"SetPassword":   method(setPassword),
			"UserInfo":      method(userInfo),
		},
		"Cloud": {
			"AddCloud":           command(addCloud),
			"Clouds":             query(clouds),
			"Cloud":              method(cloudByTag),
			"CloudInfo":          method(cloudInfo),
			"Credential":         method(credentialByTag),
			"CredentialContents": method(credentialContents),
			"ModifyCloudAccess":  method(modifyCloudAccess),
			"UserCredentials":    method(userCredentials),
		},
	}
}

// modelHandlers are of one model.
func modelHandlers() served {
	return served{
		"Client":            {"FullStatus": method(fullStatus)},
		"ModelConfig":       {"ModelGet": query(modelGet)},
		"Block":             {"List": query(listBlocks), "SwitchBlockOn": method(switchBlockOn), "SwitchBlockOff": method(switchBlockOff)},
		"Backups":           {"Create": createBackupHandler()},
		"ApplicationOffers": {"ListApplicationOffers": method(listOffers)},
	}
}
