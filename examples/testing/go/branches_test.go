package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

type fields = map[string]any

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// call sends a request to the workspace that DATABRICKS_HOST and DATABRICKS_TOKEN name, and waits for an operation's end.
func call(method, path, body string) fields {
	request := must(http.NewRequest(method, os.Getenv("DATABRICKS_HOST")+"/api/2.0/"+path, strings.NewReader(body)))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("DATABRICKS_TOKEN"))
	response := must(http.DefaultClient.Do(request))
	defer response.Body.Close()
	var result fields
	err := json.NewDecoder(response.Body).Decode(&result)
	if result["error_code"] == "ABORTED" { // a project runs one operation at a time
		time.Sleep(50 * time.Millisecond)
		return call(method, path, body)
	}
	if err != nil || response.StatusCode != 200 || result["error"] != nil {
		panic(fmt.Sprint(method, " ", path, ": ", result, err))
	}
	if name, _ := result["name"].(string); strings.Contains(name, "/operations/") && result["done"] != true {
		time.Sleep(50 * time.Millisecond)
		return call("GET", "postgres/"+name, "")
	}
	return result
}

// connect takes PGPORT and PGSSLROOTCERT from the environment.
func connect(branch string) *pgx.Conn {
	endpoint := call("GET", "postgres/"+branch+"/endpoints", "")["endpoints"].([]any)[0].(fields)
	credential := call("POST", "postgres/credentials", fmt.Sprintf(`{"endpoint": "%s"}`, endpoint["name"]))
	settings := fmt.Sprintf("host=%s user=%s password=%s dbname=databricks_postgres sslmode=verify-full",
		endpoint["status"].(fields)["hosts"].(fields)["host"], call("GET", "preview/scim/v2/Me", "")["userName"], credential["token"])
	return must(pgx.Connect(context.Background(), settings))
}

func newProject() string {
	id := fmt.Sprintf("run-%x", rand.Uint64())
	call("POST", "postgres/projects?project_id="+id, "{}")
	return "projects/" + id
}

func newBranch(project string) string {
	id := fmt.Sprintf("test-%x", rand.Uint64())
	call("POST", "postgres/"+project+"/branches?branch_id="+id, `{"spec": {"ttl": "3600s"}}`)
	return project + "/branches/" + id
}
