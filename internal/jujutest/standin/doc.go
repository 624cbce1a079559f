// Package standin is the juju program of a simulated estate: as much of it as makes a
// controller, and reaches its machine.
//
//	juju --version, juju version
//	juju bootstrap CLOUD[/REGION] NAME [OPTIONS]
//	juju scp -m CONTROLLER:MODEL FILE... MACHINE:
//	juju ssh -m CONTROLLER:MODEL MACHINE COMMAND...
//
// It asks the estate at the address in JUJU_ESTATE, and keeps the client's store in
// JUJU_DATA as the real one does: the whole entry of a controller before anything
// else, its addresses when the script on its machine has run, and nothing of it when
// the bootstrap has failed. What it prints, its exit codes and when it does what are
// the real one's, too. (seen)
package standin
