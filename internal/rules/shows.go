package rules

import "github.com/juju/version/v2"

// ShowsMigrations says that a controller tells how far a migration away from it
// is, and that a model has left it. One that does not shows the model as alive and
// well before, meanwhile and after: only the controller that it moves to tells.
// Source: seen on 4.1.0.
func ShowsMigrations(source version.Number) bool { return source.Major < 4 }
