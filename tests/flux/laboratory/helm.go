package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	helm "github.com/fluxcd/helm-controller/api/v2"
	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/chartutil"
	source "github.com/fluxcd/source-controller/api/v1"
	"github.com/go-logr/logr"
	"github.com/opencontainers/go-digest"
	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/yaml"
)

// standIn is NOT Flux's helm-controller, which cannot be had as a module. It stands in for it: it reads HelmReleases as that one
// does, in the same order (chart, dependencies, source, values), composes values by Flux's own code, installs and upgrades with Helm's
// own code, and sets the conditions that others wait for. It knows no tests, no drift, no rollback and no post-renderers.
type standIn struct {
	client.Client
	cluster *cluster
	requeue time.Duration
	getter  *getter
	one     sync.Mutex
}

// run serves until the context ends.
func (s *standIn) run(ctx context.Context) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientscheme.AddToScheme, helm.AddToScheme, source.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	ctrl.SetLogger(logr.Discard())
	again := true // one run has several clusters, one after another
	manager, err := ctrl.NewManager(s.cluster.config, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: &again},
		Client: client.Options{Cache: &client.CacheOptions{
			DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}, &appsv1.Deployment{}},
		}},
	})
	if err != nil {
		return err
	}
	s.Client = manager.GetClient()
	s.getter = &getter{s.cluster}
	charts := handler.EnqueueRequestsFromMapFunc(func(_ context.Context, o client.Object) []reconcile.Request {
		labels := o.GetLabels()
		key := types.NamespacedName{Namespace: labels["helm.toolkit.fluxcd.io/namespace"], Name: labels["helm.toolkit.fluxcd.io/name"]}
		if key.Name == "" {
			return nil
		}
		return []reconcile.Request{{NamespacedName: key}}
	})
	values := handler.EnqueueRequestsFromMapFunc(s.readers)
	watched := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[watchLabel] == "Enabled" })
	err = ctrl.NewControllerManagedBy(manager).
		For(&helm.HelmRelease{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		Watches(&source.HelmChart{}, charts).
		Watches(&corev1.ConfigMap{}, values, builder.WithPredicates(watched)).
		WithOptions(controller.Options{MaxConcurrentReconciles: 4}).Complete(s)
	if err != nil {
		return err
	}
	return manager.Start(ctx)
}

// watchLabel makes helm-controller look at a release as soon as what its `valuesFrom` names has changed, from Flux 2.7 on.
const watchLabel = "reconcile.fluxcd.io/watch"

// readers returns the releases that read values from a ConfigMap.
func (s *standIn) readers(ctx context.Context, o client.Object) []reconcile.Request {
	var all helm.HelmReleaseList
	if err := s.List(ctx, &all, client.InNamespace(o.GetNamespace())); err != nil {
		return nil
	}
	var requests []reconcile.Request
	for _, r := range all.Items {
		reads := func(from meta.ValuesReference) bool { return from.Kind == "ConfigMap" && from.Name == o.GetName() }
		if slices.ContainsFunc(r.Spec.ValuesFrom, reads) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&r)})
		}
	}
	return requests
}

// Reconcile brings one release to what its HelmRelease says.
func (s *standIn) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	r := &helm.HelmRelease{}
	if err := s.Get(ctx, request.NamespacedName, r); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if !r.DeletionTimestamp.IsZero() {
		return reconcile.Result{}, s.uninstall(ctx, r)
	}
	if mine, err := s.mine(ctx, r); err != nil || !mine {
		return reconcile.Result{RequeueAfter: time.Second}, err
	}
	// A patch, since an update would write every duration in another form.
	if without := r.DeepCopy(); controllerutil.AddFinalizer(r, helm.HelmReleaseFinalizer) {
		return reconcile.Result{RequeueAfter: time.Millisecond}, s.Patch(ctx, r, client.MergeFrom(without))
	}
	if r.Spec.Suspend {
		return reconcile.Result{}, nil
	}
	before := r.DeepCopy()
	after, err := s.advance(ctx, r)
	if ready := apimeta.FindStatusCondition(r.Status.Conditions, meta.ReadyCondition); ready != nil && ready.Status == metav1.ConditionTrue {
		r.Status.ObservedGeneration = r.Generation
	}
	if patch := s.Status().Patch(ctx, r, client.MergeFrom(before)); patch != nil && !apierrors.IsNotFound(patch) {
		return reconcile.Result{}, patch
	}
	return reconcile.Result{RequeueAfter: after}, err
}

// mine says whether a release is to be worked on: one in a shard as soon as the controller of that shard is there.
func (s *standIn) mine(ctx context.Context, r *helm.HelmRelease) (bool, error) {
	shard := r.Labels["sharding.fluxcd.io/key"]
	if shard == "" {
		return true, nil
	}
	key := types.NamespacedName{Namespace: "flux-system", Name: "helm-controller-" + shard}
	err := s.Get(ctx, key, &appsv1.Deployment{})
	return err == nil, client.IgnoreNotFound(err)
}

func mark(r *helm.HelmRelease, kind string, status metav1.ConditionStatus, reason, message string) {
	apimeta.SetStatusCondition(&r.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: message, ObservedGeneration: r.Generation,
	})
}

// advance takes a release as far as it goes now, and returns when to look again.
func (s *standIn) advance(ctx context.Context, r *helm.HelmRelease) (time.Duration, error) {
	wanted, err := s.fetchable(ctx, r)
	if err != nil {
		return 0, err
	}
	for _, dependency := range r.Spec.DependsOn {
		if err := s.ready(ctx, r, dependency.Namespace, dependency.Name); err != nil {
			mark(r, meta.ReadyCondition, metav1.ConditionFalse, helm.DependencyNotReadyReason, err.Error())
			return s.requeue, nil
		}
	}
	if _, is := chartReady(wanted); !is || wanted.Status.Artifact == nil {
		message := fmt.Sprintf("HelmChart '%s/%s' is not ready", wanted.Namespace, wanted.Name)
		if why := apimeta.FindStatusCondition(wanted.Status.Conditions, meta.ReadyCondition); why != nil {
			message += ": " + why.Message
		}
		mark(r, meta.ReadyCondition, metav1.ConditionFalse, "SourceNotReady", message)
		return 0, nil
	}
	values, err := chartutil.ChartValuesFromReferences(ctx, logr.Discard(), s.Client, r.Namespace, r.GetValues(), r.Spec.ValuesFrom...)
	if err != nil {
		mark(r, meta.ReadyCondition, metav1.ConditionFalse, "ValuesError", err.Error())
		return 5 * time.Second, nil
	}
	loaded, err := load(ctx, wanted.Status.Artifact.URL)
	if err != nil {
		mark(r, meta.ReadyCondition, metav1.ConditionFalse, helm.ArtifactFailedReason, err.Error())
		return 5 * time.Second, nil
	}
	if err := s.release(ctx, r, loaded, values); err != nil {
		return 5 * time.Second, nil
	}
	return r.GetRequeueAfter(), nil
}

// fetchable writes the HelmChart of a release, as its template says.
func (s *standIn) fetchable(ctx context.Context, r *helm.HelmRelease) (*source.HelmChart, error) {
	template := r.Spec.Chart
	if template == nil {
		return nil, errors.New("the stand-in knows releases with `spec.chart` only")
	}
	c := &source.HelmChart{ObjectMeta: metav1.ObjectMeta{
		Namespace: template.GetNamespace(r.Namespace), Name: r.GetHelmChartName(),
	}}
	_, err := controllerutil.CreateOrUpdate(ctx, s.Client, c, func() error {
		c.Labels = map[string]string{"helm.toolkit.fluxcd.io/name": r.Name, "helm.toolkit.fluxcd.io/namespace": r.Namespace}
		if template.ObjectMeta != nil {
			for key, value := range template.ObjectMeta.Labels {
				c.Labels[key] = value
			}
		}
		c.Spec.Chart = template.Spec.Chart
		c.Spec.Version = template.Spec.Version
		c.Spec.Interval = template.GetInterval(r.Spec.Interval)
		c.Spec.SourceRef = source.LocalHelmChartSourceReference{Kind: template.Spec.SourceRef.Kind, Name: template.Spec.SourceRef.Name}
		if template.Spec.ReconcileStrategy != "" {
			c.Spec.ReconcileStrategy = template.Spec.ReconcileStrategy
		}
		return nil
	})
	r.Status.HelmChart = c.Namespace + "/" + c.Name
	return c, err
}

func chartReady(c *source.HelmChart) (*metav1.Condition, bool) {
	ready := apimeta.FindStatusCondition(c.Status.Conditions, meta.ReadyCondition)
	return ready, ready != nil && ready.Status == metav1.ConditionTrue && c.Status.ObservedGeneration == c.Generation
}

// ready says why a dependency is not.
func (s *standIn) ready(ctx context.Context, r *helm.HelmRelease, namespace, name string) error {
	if namespace == "" {
		namespace = r.Namespace
	}
	d := &helm.HelmRelease{}
	if err := s.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, d); err != nil {
		return fmt.Errorf("unable to get '%s/%s' dependency: %w", namespace, name, err)
	}
	ready := apimeta.IsStatusConditionTrue(d.Status.Conditions, meta.ReadyCondition)
	if !ready || d.Generation != d.Status.ObservedGeneration {
		return fmt.Errorf("dependency '%s/%s' is not ready", namespace, name)
	}
	return nil
}

func load(ctx context.Context, url string) (*chart.Chart, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 30 * time.Second}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return loader.LoadArchive(bytes.NewReader(content))
}

// settings returns Helm's configuration for a release: what it keeps stands in one namespace, what it makes in another.
func (s *standIn) settings(r *helm.HelmRelease) (*action.Configuration, error) {
	settings := action.NewConfiguration()
	if err := settings.Init(s.getter, r.GetStorageNamespace(), "secret"); err != nil {
		return nil, err
	}
	if made, ok := settings.KubeClient.(*kube.Client); ok {
		made.Namespace = r.GetReleaseNamespace()
	}
	return settings, nil
}

// release installs or upgrades where that is needed, by what Helm has kept of the last time.
func (s *standIn) release(ctx context.Context, r *helm.HelmRelease, loaded *chart.Chart, values common.Values) error {
	settings, err := s.settings(r)
	if err != nil {
		return err
	}
	wanted := chartutil.DigestValues(digest.Canonical, values)
	r.Status.LastAttemptedRevision = loaded.Metadata.Version
	r.Status.LastAttemptedConfigDigest = wanted.String()
	r.Status.LastAttemptedGeneration = r.Generation
	var last *release.Release
	kept, err := settings.Releases.Last(r.GetReleaseName())
	if err == nil {
		last, _ = kept.(*release.Release)
	} else if !errors.Is(err, driver.ErrReleaseNotFound) {
		return err
	}
	upgrade := last != nil
	if upgrade && last.Info.Status == "deployed" && last.Chart.Metadata.Version == loaded.Metadata.Version &&
		last.Chart.Metadata.Name == loaded.Metadata.Name && chartutil.VerifyValues(wanted, last.Config) {
		s.done(r, last, helm.InstallSucceededReason)
		return nil
	}
	policy := r.GetInstall().CRDs
	if upgrade {
		policy = r.GetUpgrade().CRDs
		if policy == "" {
			policy = helm.Skip
		}
	}
	if err := s.bring(ctx, loaded, policy); err != nil {
		mark(r, meta.ReadyCondition, metav1.ConditionFalse, helm.InstallFailedReason, err.Error())
		return err
	}
	timeout := r.GetTimeout().Duration
	var made any
	reason := helm.InstallSucceededReason
	failure := helm.InstallFailedReason
	if upgrade {
		reason, failure = helm.UpgradeSucceededReason, helm.UpgradeFailedReason
		up := action.NewUpgrade(settings)
		up.Namespace, up.SkipCRDs, up.Timeout, up.MaxHistory = r.GetReleaseNamespace(), true, timeout, r.GetMaxHistory()
		up.ReuseValues, up.ResetValues = r.GetUpgrade().PreserveValues, !r.GetUpgrade().PreserveValues
		up.WaitStrategy, up.DisableOpenAPIValidation = kube.HookOnlyStrategy, true
		made, err = up.RunWithContext(ctx, r.GetReleaseName(), loaded, values)
	} else {
		in := action.NewInstall(settings)
		in.ReleaseName, in.Namespace = r.GetReleaseName(), r.GetReleaseNamespace()
		in.CreateNamespace, in.SkipCRDs, in.Timeout = r.GetInstall().CreateNamespace, true, timeout
		in.WaitStrategy, in.DisableOpenAPIValidation, in.Replace = kube.HookOnlyStrategy, true, r.GetInstall().Replace
		made, err = in.RunWithContext(ctx, loaded, values)
	}
	if err != nil {
		r.Status.Failures++
		mark(r, helm.ReleasedCondition, metav1.ConditionFalse, failure, err.Error())
		mark(r, meta.ReadyCondition, metav1.ConditionFalse, failure, err.Error())
		return err
	}
	if made, ok := made.(*release.Release); ok {
		s.done(r, made, reason)
	}
	return nil
}

// done records what Helm has made.
func (s *standIn) done(r *helm.HelmRelease, made *release.Release, reason string) {
	snapshot := &helm.Snapshot{
		Name: made.Name, Namespace: made.Namespace, Version: made.Version, Status: string(made.Info.Status),
		ChartName: made.Chart.Metadata.Name, ChartVersion: made.Chart.Metadata.Version,
		ConfigDigest:  chartutil.DigestValues(digest.Canonical, made.Config).String(),
		Digest:        digest.FromString(fmt.Sprintf("%s/%s.v%d", made.Namespace, made.Name, made.Version)).String(),
		FirstDeployed: metav1.NewTime(made.Info.FirstDeployed), LastDeployed: metav1.NewTime(made.Info.LastDeployed),
	}
	r.Status.History = helm.Snapshots{snapshot}
	r.Status.StorageNamespace = r.GetStorageNamespace()
	r.Status.Failures = 0
	message := fmt.Sprintf("%s/%s.v%d with chart %s@%s", made.Namespace, made.Name, made.Version, snapshot.ChartName, snapshot.ChartVersion)
	mark(r, helm.ReleasedCondition, metav1.ConditionTrue, reason, message)
	mark(r, meta.ReadyCondition, metav1.ConditionTrue, reason, message)
}

// bring writes the definitions of a chart as the policy says.
func (s *standIn) bring(ctx context.Context, loaded *chart.Chart, policy helm.CRDsPolicy) error {
	if policy == helm.Skip {
		return nil
	}
	var wanted []*unstructured.Unstructured
	for _, file := range loaded.CRDObjects() {
		definition := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(file.File.Data, &definition.Object); err != nil {
			return err
		}
		if policy != helm.CreateReplace {
			_, err := s.cluster.dynamic.Resource(definitionResource).Get(ctx, definition.GetName(), metav1.GetOptions{})
			if err == nil {
				continue
			}
			if !apierrors.IsNotFound(err) {
				return err
			}
		}
		wanted = append(wanted, definition)
	}
	s.one.Lock()
	defer s.one.Unlock()
	return s.cluster.define(ctx, wanted)
}

// uninstall takes a release away with its HelmRelease.
func (s *standIn) uninstall(ctx context.Context, r *helm.HelmRelease) error {
	if !slices.Contains(r.Finalizers, helm.HelmReleaseFinalizer) {
		return nil
	}
	c := &source.HelmChart{ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: r.GetHelmChartName()}}
	if r.Spec.Chart != nil {
		c.Namespace = r.Spec.Chart.GetNamespace(r.Namespace)
	}
	if err := s.Delete(ctx, c); client.IgnoreNotFound(err) != nil {
		return err
	}
	if !r.Spec.Suspend && len(r.Status.History) > 0 {
		settings, err := s.settings(r)
		if err != nil {
			return err
		}
		remove := action.NewUninstall(settings)
		remove.WaitStrategy, remove.Timeout = kube.HookOnlyStrategy, time.Minute
		if _, err := remove.Run(r.GetReleaseName()); err != nil && !errors.Is(err, driver.ErrReleaseNotFound) {
			return err
		}
	}
	with := r.DeepCopy()
	controllerutil.RemoveFinalizer(r, helm.HelmReleaseFinalizer)
	return client.IgnoreNotFound(s.Patch(ctx, r, client.MergeFrom(with)))
}

// getter gives Helm the connections of the laboratory, so that each release does not ask the API server anew what there is.
type getter struct{ cluster *cluster }

// ToRESTConfig returns the connection.
func (g *getter) ToRESTConfig() (*rest.Config, error) { return g.cluster.config, nil }

// ToDiscoveryClient returns what the API server serves, as it was asked last.
func (g *getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return g.cluster.discovery, nil
}

// ToRESTMapper returns where kinds are served.
func (g *getter) ToRESTMapper() (apimeta.RESTMapper, error) { return g.cluster.mapper, nil }

// ToRawKubeConfigLoader returns a configuration without a namespace of its own.
func (g *getter) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: g.cluster.kubeconfig}, &clientcmd.ConfigOverrides{})
}
