package jujuapi

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/juju/charm/v12"
	"github.com/juju/errors"
	"gopkg.in/httprequest.v1"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// upload gives the archive to the model, which gives it a URL: as objects are put since
// 3.3, and as charms were posted before. (api/client/charms/localcharmputters.go)
func (j *refresh) upload(ctx context.Context, file *charmFile) (string, error) {
	if err := j.session.freshen(ctx, j.key()); err != nil {
		return "", err
	}
	c, err := j.session.pool.get(ctx, j.key())
	if err != nil {
		return "", err
	}
	defer c.release()
	during, cancel := c.during(ctx)
	defer cancel()
	out, err := c.put(during, j.model.UUID, file)
	if fallsBack(err) {
		out, err = c.post(during, file)
	}
	if err != nil {
		return "", c.uploadProblem(ctx, err)
	}
	if revisionOf(out) < 0 {
		return "", &fleet.Problem{Code: fleet.Other, Text: "the controller does not say what it calls the uploaded charm"}
	}
	return out, nil
}

// during is a context that also ends with the connection: HTTP goes over one of its own,
// and a frozen server would hold it for ever.
func (c *conn) during(ctx context.Context) (context.Context, context.CancelFunc) {
	during, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-c.Broken():
			cancel()
		case <-during.Done():
		}
	}()
	return during, cancel
}

// fallsBack says that a server does not know a way to upload.
func fallsBack(err error) bool {
	cause := errors.Cause(err)
	return errors.Is(cause, errors.NotFound) || errors.Is(cause, errors.MethodNotAllowed)
}

// uploadProblem classifies the error of an upload. A server refuses one with a code.
func (c *conn) uploadProblem(ctx context.Context, err error) error {
	if ctx.Err() == nil && isClosed(c.Broken()) {
		return lost(&fleet.Problem{Code: fleet.Unreachable, Text: "the connection broke before the charm was uploaded"})
	}
	cause := errors.Cause(err) // what is around it hides it from errors.As
	switch {
	case errors.Is(cause, errors.Unauthorized), errors.Is(cause, errors.Forbidden):
		return &fleet.Problem{Code: fleet.Forbidden, Text: text(cause)}
	}
	return c.problem(ctx, cause)
}

// put uploads a charm by its name and the beginning of its digest.
func (c *conn) put(ctx context.Context, modelUUID string, file *charmFile) (string, error) {
	client, err := c.RootHTTPClient()
	if err != nil {
		return "", errors.Trace(err)
	}
	local := file.localURL()
	target := url.URL{Path: "/model-" + modelUUID + "/charms/" + local.Name + "-" + file.sha256[:7]}
	var resp *http.Response
	if err := file.send(ctx, client, http.MethodPut, target, &resp, "Juju-Curl", local.String()); err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return resp.Header.Get("Juju-Curl"), nil
}

// post uploads a charm as servers before 3.3 take it.
func (c *conn) post(ctx context.Context, file *charmFile) (string, error) {
	client, err := c.HTTPClient()
	if err != nil {
		return "", errors.Trace(err)
	}
	local := file.localURL()
	query := url.Values{"schema": {local.Schema}, "series": {""}, "revision": {strconv.Itoa(local.Revision)}}
	var answer params.CharmsResponse
	if err := file.send(ctx, client, http.MethodPost, url.URL{Path: "/charms", RawQuery: query.Encode()}, &answer); err != nil {
		return "", err
	}
	return answer.CharmURL, nil
}

// localURL is what the file's charm would like to be called.
func (f *charmFile) localURL() *charm.URL {
	return &charm.URL{Schema: charm.Local.String(), Name: f.charm.Meta().Name, Revision: f.charm.Revision()}
}

// send streams the file. It is left open.
func (f *charmFile) send(ctx context.Context, client *httprequest.Client, method string, to url.URL, answer any, header ...string) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return errors.Trace(err)
	}
	// The client has to be able to rewind it, for a login that is asked for only then.
	req, err := http.NewRequestWithContext(ctx, method, to.String(), io.NopCloser(f.File))
	if err != nil {
		return errors.Trace(err)
	}
	req.ContentLength = f.size
	req.Header.Set("Content-Type", "application/zip")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return client.Do(ctx, req, answer)
}
