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

// OtherCA are the settings under which the server's certificate is not trusted.
func OtherCA() string { return Setting("sslrootcert", os.Getenv("INTEROP_OTHER_CA")) }

// OtherHost are the settings of a name that is not in the certificate.
func OtherHost() string {
	return Setting("host", os.Getenv("INTEROP_OTHER_HOST")) + " " + Setting("port", os.Getenv("INTEROP_OTHER_PORT"))
}

// WrongToken are the settings of a login that is refused.
func WrongToken() string { return Setting("password", os.Getenv("PGPASSWORD")+"x") }

// ExpiredToken are the settings of a login that is refused.
func ExpiredToken() string { return Setting("password", os.Getenv("INTEROP_EXPIRED_TOKEN")) }

// NotTrusted says whether a connect failed on the certificate.
func NotTrusted(err error) (string, error) {
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &certificate) {
		return "", fmt.Errorf("not an error of the certificate: %w", err)
	}
	return "", nil
}

// Refused says whether a login was refused in the server's words, whose SQLSTATE the driver tells.
func Refused(sqlstate string, err error) (string, error) {
	if err == nil {
		return "", errors.New("it connected")
	}
	if !strings.Contains(err.Error(), os.Getenv("INTEROP_REFUSAL")) {
		return "", err
	}
	return sqlstate, nil
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
