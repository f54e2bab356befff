package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// spawn starts programs on one thread that lives as long as this process: Linux ends a child with the thread that started it.
var spawn = func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range work {
			start()
		}
	}()
	return work
}()

// program is a running program with a log of its own. It ends with this process, however that ends.
type program struct {
	name string
	cmd  *exec.Cmd
	done chan error
	log  string
}

// start runs a program with its output in `<logs>/<name>.log`.
func start(logs, name string, env []string, path string, args ...string) (*program, error) {
	log := filepath.Join(logs, name+".log")
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	spawn <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &program{name: name, cmd: cmd, done: make(chan error, 1), log: log}
	go func() {
		p.done <- cmd.Wait()
		out.Close()
	}()
	return p, nil
}

// stop asks the program to end, and makes it after some seconds.
func (p *program) stop() {
	group := -p.cmd.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(3 * time.Second):
		_ = syscall.Kill(group, syscall.SIGKILL)
		<-p.done
	}
}

// freePorts returns ports of the loopback that nobody had a moment ago, each another one.
func freePorts() (ports [3]int, err error) {
	for n := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports, err
		}
		defer listener.Close()
		ports[n] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// until calls `probe` until it succeeds, the context ends or the time is over; then it returns the last error.
func until(ctx context.Context, patience time.Duration, probe func() error) error {
	end := time.Now().Add(patience)
	for {
		err := probe()
		if err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("not after %s: %w", patience, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
