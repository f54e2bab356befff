// Modules that carry definitions (CRDs) of what trees hold; go.sum says what they are. Nothing of them is compiled.
module sovereign.example/laboratory/definitions

go 1.24.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/cilium/cilium v1.15.19
	sigs.k8s.io/gateway-api v1.2.1
)
