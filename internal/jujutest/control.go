package jujutest

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"
)

// How the juju program that stands in for the real one, which is another process, asks
// a world for what it needs: requests with JSON on the loopback interface.

// Question and Answer are what is asked and answered; each request has its own part of them.
type Question struct {
	// Args are the command that is run.
	Args []string `json:"args,omitempty"`
	// Bootstrap is the controller that is to be made; ID and Stage tell how far it is.
	Bootstrap Bootstrap `json:"bootstrap,omitzero"`
	ID        string    `json:"id,omitempty"`
	Stage     string    `json:"stage,omitempty"`
	// Controller is the UUID of the controller on whose machine 0 something is done: Files
	// are copied there, by name, or Command is run.
	Controller string            `json:"controller,omitempty"`
	Files      map[string][]byte `json:"files,omitempty"`
	Command    string            `json:"command,omitempty"`
}

// Answer is what is answered.
type Answer struct {
	// Error says why not.
	Error string `json:"error,omitempty"`
	// Version is that of the program.
	Version string `json:"version,omitempty"`
	// Newcomer is the controller that is being made, Addrs where it will answer.
	Newcomer Newcomer `json:"newcomer,omitzero"`
	Addrs    []string `json:"addrs,omitempty"`
	// Stopped says that the program is to be killed now.
	Stopped bool `json:"stopped,omitempty"`
	// Output and Code are those of a command that has run.
	Output []string `json:"output,omitempty"`
	Code   int      `json:"code,omitempty"`
}

// ServeProgram answers the juju program at the address that it returns, until the world ends.
func (w *World) ServeProgram() (address string, err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	for path, answer := range map[string]func(context.Context, Question) (Answer, error){
		"/ran": func(_ context.Context, q Question) (Answer, error) {
			w.ran(q.Args)
			return Answer{Version: w.program.version.String()}, nil
		},
		"/prepare": func(_ context.Context, q Question) (Answer, error) {
			made, err := w.Prepare(q.Bootstrap)
			return Answer{Newcomer: made}, err
		},
		"/stage": w.answerStage,
		"/copy": func(_ context.Context, q Question) (Answer, error) {
			return Answer{}, w.copyFiles(q.Controller, q.Files)
		},
		"/run": func(ctx context.Context, q Question) (Answer, error) {
			output, code, err := w.runOnMachine(ctx.Done(), q.Controller, q.Command)
			return Answer{Output: output, Code: code}, err
		},
	} {
		mux.HandleFunc("POST "+path, func(resp http.ResponseWriter, req *http.Request) { converse(resp, req, answer) })
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	w.wg.Add(2)
	go func() {
		defer w.wg.Done()
		_ = srv.Serve(l)
	}()
	go func() {
		defer w.wg.Done()
		<-w.done
		_ = srv.Close()
	}()
	return l.Addr().String(), nil
}

// converse answers one question.
func converse(resp http.ResponseWriter, req *http.Request, answer func(context.Context, Question) (Answer, error)) {
	var q Question
	err := json.NewDecoder(req.Body).Decode(&q)
	var out Answer
	if err == nil {
		out, err = answer(req.Context(), q)
	}
	if err != nil {
		out.Error = err.Error()
	}
	resp.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(resp).Encode(out)
}

func (w *World) answerStage(ctx context.Context, q Question) (Answer, error) {
	stopped, err := w.BootstrapStage(ctx.Done(), q.ID, q.Stage)
	out := Answer{Stopped: stopped}
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.program.making[q.ID]
	if b == nil {
		return out, errors.New("there is no such bootstrap")
	}
	for _, s := range b.c.servers {
		out.Addrs = append(out.Addrs, s.addr())
	}
	return out, err
}
