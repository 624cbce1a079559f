package fleet

import "strings"

// DescribeController is the command that shows what Kubernetes says of the pods of
// controllers: the namespace of one has a name of its own.
const DescribeController = "kubectl describe pods -A -l app.kubernetes.io/name=controller"

// DescribePod is the command that shows what Kubernetes says of the pod of a model's unit.
// (The namespace has the model's name, unless that was taken in the cluster.)
func DescribePod(model Ref, unit string) string {
	namespace := model.Name
	if _, name, ok := strings.Cut(namespace, "/"); ok {
		namespace = name
	}
	return "kubectl -n " + namespace + " describe pod " + strings.ReplaceAll(unit, "/", "-")
}
