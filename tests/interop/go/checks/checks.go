// Package checks has what the checks of the Go drivers share: see ../README.md.
package checks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Rows is how many a COPY moves.
const Rows = 10_000

// Sessions is how many are open at once.
const Sessions = 50

// A Check returns what it saw.
type Check struct {
	Name string
	Run  func(ctx context.Context) (string, error)
}

// None is the error of a check that the driver has no word for.
type None string

func (reason None) Error() string { return string(reason) }

// Main runs the checks in their order, prints a line for each, and ends the program.
func Main(list []Check) {
	status := 0
	for _, check := range list {
		ctx, done := context.WithTimeout(context.Background(), time.Minute)
		seen, err := check.Run(ctx)
		done()
		var none None
		switch {
		case errors.As(err, &none):
			fmt.Printf("none %s: %s\n", check.Name, none)
		case err != nil:
			fmt.Printf("FAIL %s: %s\n", check.Name, strings.ReplaceAll(err.Error(), "\n", " "))
			status = 1
		case seen != "":
			fmt.Printf("ok %s: %s\n", check.Name, seen)
		default:
			fmt.Printf("ok %s\n", check.Name)
		}
	}
	os.Exit(status)
}

// Control asks something of the server: token, suspend, crash, or asleep.
func Control(what string) (string, error) {
	response, err := http.Get(os.Getenv("INTEROP_CONTROL") + "/" + what)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(string(text))
	}
	return string(text), err
}

// Setting is a keyword and its value as in a connection string.
func Setting(name, value string) string {
	return name + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// otherCA are the settings under which the server's certificate is not trusted.
func otherCA() string { return Setting("sslrootcert", os.Getenv("INTEROP_OTHER_CA")) }

// otherHost are the settings of a name that is not in the certificate.
func otherHost() string {
	return Setting("host", os.Getenv("INTEROP_OTHER_HOST")) + " " + Setting("port", os.Getenv("INTEROP_OTHER_PORT"))
}

// wrongToken are the settings of a login that is refused.
func wrongToken() string { return Setting("password", os.Getenv("PGPASSWORD")+"x") }

// ExpiredToken are the settings of a login that is refused.
func ExpiredToken() string { return Setting("password", os.Getenv("INTEROP_EXPIRED_TOKEN")) }

// notTrusted says whether a connect failed on the certificate.
func notTrusted(err error) (string, error) {
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &certificate) {
		return "", fmt.Errorf("not an error of the certificate: %w", err)
	}
	return "", nil
}

// refused says whether a login was refused in the server's words, whose SQLSTATE the driver tells.
func refused(sqlstate string, err error) (string, error) {
	if err == nil {
		return "", errors.New("it connected")
	}
	if !strings.Contains(err.Error(), os.Getenv("INTEROP_REFUSAL")) {
		return "", err
	}
	return sqlstate, nil
}

// Logins are the checks of a connect, which are the same with each driver.
type Logins struct {
	// Refusal is the error of a connect with these settings, and nil if it connected.
	Refusal func(ctx context.Context, settings string) error
	// SQLState is what the driver tells of an error.
	SQLState func(err error) string
}

// Checks are the first of a list.
func (logins Logins) Checks() []Check {
	return []Check{
		{Name: "verify-full", Run: func(ctx context.Context) (string, error) { return "", logins.Refusal(ctx, "") }},
		{Name: "another CA", Run: logins.notTrusted(otherCA())},
		{Name: "another host name", Run: logins.notTrusted(otherHost())},
		{Name: "plaintext", Run: logins.plaintext},
		{Name: "wrong token", Run: logins.refused(wrongToken())},
		{Name: "expired token", Run: logins.refused(ExpiredToken())},
	}
}

func (logins Logins) notTrusted(settings string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return notTrusted(logins.Refusal(ctx, settings)) }
}

func (logins Logins) refused(settings string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		err := logins.Refusal(ctx, settings)
		return refused(logins.SQLState(err), err)
	}
}

func (logins Logins) plaintext(ctx context.Context) (string, error) {
	err := logins.Refusal(ctx, "sslmode=disable")
	if err == nil {
		return "", errors.New("it connected")
	}
	return logins.SQLState(err), nil
}

// AtOnce runs a function in many goroutines.
func AtOnce(run func(number int) error) error {
	failures := make([]error, Sessions)
	var all sync.WaitGroup
	for number := range Sessions {
		all.Go(func() { failures[number] = run(number) })
	}
	all.Wait()
	return errors.Join(failures...)
}
