// What a crawler in Go is made of: net/http, goquery, a goroutine a connection. No framework around it.
//
// usage: goquery KIND SEEDS OUT AT_ONCE CPU_MS
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"github.com/PuerkitoBio/goquery"
)

type review struct {
	ReviewID string  `json:"review_id"`
	Business string  `json:"business"`
	Author   string  `json:"author"`
	Location string  `json:"location"`
	Rating   float64 `json:"rating"`
	Date     string  `json:"date"`
	Text     string  `json:"text"`
}

type place struct {
	PlaceID string  `json:"place_id"`
	Name    string  `json:"name"`
	Lat     float64 `json:"lat"`
	Lng     float64 `json:"lng"`
	Rating  float64 `json:"rating"`
	Ratings int     `json:"ratings"`
	Address string  `json:"address"`
}

type answer struct {
	Results []struct {
		place
		Location struct{ Lat, Lng float64 } `json:"location"`
	} `json:"results"`
}

type title struct {
	Title string `json:"title"`
}

var number = regexp.MustCompile(`[\d.]+`)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goquery:", err)
		os.Exit(1)
	}
}

func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

func asDate(text string) string {
	var month, day, year int
	_, err := fmt.Sscanf(text, "%d/%d/%d", &month, &day, &year)
	fail(err)
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

// threadCPU is the CPU time of this thread in nanoseconds.
func threadCPU() int64 {
	const clockThreadCPU = 3
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPU, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func burn(cpuMs int) {
	if cpuMs == 0 {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for end := threadCPU() + int64(cpuMs)*1e6; threadCPU() < end; {
	}
}

func reviews(body io.Reader, write func(interface{})) string {
	page, err := goquery.NewDocumentFromReader(body)
	fail(err)
	business := squeezed(page.Find("h1.biz-page-title").Text())
	page.Find("div.review[data-review-id]").Each(func(_ int, row *goquery.Selection) {
		stars, err := strconv.ParseFloat(number.FindString(row.Find("div.i-stars").First().AttrOr("title", "")), 64)
		fail(err)
		write(review{row.AttrOr("data-review-id", ""), business, squeezed(row.Find(".user-display-name").First().Text()),
			squeezed(row.Find(".user-location > b").First().Text()), stars,
			asDate(squeezed(row.Find("span.rating-qualifier").First().Text())), squeezed(row.Find("p[lang]").First().Text())})
	})
	return page.Find("a.next.pagination-links_anchor").AttrOr("href", "")
}

func places(body io.Reader, write func(interface{})) string {
	var all answer
	fail(json.NewDecoder(body).Decode(&all))
	for _, one := range all.Results {
		one.place.Lat, one.place.Lng = one.Location.Lat, one.Location.Lng
		write(one.place)
	}
	return ""
}

func waiting(body io.Reader, write func(interface{})) string {
	page, err := goquery.NewDocumentFromReader(body)
	fail(err)
	write(title{page.Find("title").Text()})
	return ""
}

// chain fetches a page and those that follow from it, and writes each page's records at once.
func chain(at string, client *http.Client, extract func(io.Reader, func(interface{})) string, cpuMs int, out func([]byte)) {
	for at != "" {
		response, err := client.Get(at)
		fail(err)
		if response.StatusCode != 200 {
			fail(fmt.Errorf("%s: %s", at, response.Status))
		}
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		next := extract(response.Body, func(record interface{}) { fail(encoder.Encode(record)) })
		io.Copy(io.Discard, response.Body) // else the connection is not used again
		response.Body.Close()
		burn(cpuMs)
		out([]byte(text.String()))
		at = follow(at, next)
	}
}

func follow(at, next string) string {
	if next == "" {
		return ""
	}
	base, err := url.Parse(at)
	fail(err)
	link, err := base.Parse(next)
	fail(err)
	return link.String()
}

func main() {
	kind, atOnce, cpuMs := os.Args[1], os.Args[4], os.Args[5]
	extract := map[string]func(io.Reader, func(interface{})) string{"reviews": reviews, "places": places, "waiting": waiting}[kind]
	connections, err := strconv.Atoi(atOnce)
	fail(err)
	burnMs, err := strconv.Atoi(cpuMs)
	fail(err)
	seeds, err := os.ReadFile(os.Args[2])
	fail(err)
	file, err := os.Create(os.Args[3])
	fail(err)
	buffered, writing := bufio.NewWriterSize(file, 1<<16), sync.Mutex{}
	out := func(text []byte) {
		writing.Lock()
		defer writing.Unlock()
		_, err := buffered.Write(text)
		fail(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	urls, all := make(chan string), sync.WaitGroup{}
	for i := 0; i < connections; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for at := range urls {
				chain(at, client, extract, burnMs, out)
			}
		}()
	}
	for _, at := range strings.Fields(string(seeds)) {
		urls <- at
	}
	close(urls)
	all.Wait()
	fail(buffered.Flush())
	fail(file.Close())
}
