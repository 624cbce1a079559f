package jujutest

import (
	"time"

	jujucontroller "github.com/juju/juju/controller"
)

// bucket bounds how fast agents may log in at a controller: so many at once, then one
// each interval, at each of its API servers.
type bucket struct {
	burst    int
	interval time.Duration
	tokens   float64
	at       time.Time
}

// admit takes a place for one agent, and says how long it has to wait for it. What is
// longer than an agent tries takes no place.
func (c *controller) admit(s *scheduler) time.Duration {
	settings := jujucontroller.Config(c.config)
	burst, interval := settings.AgentRateLimitMax(), settings.AgentRateLimitRate()
	if burst <= 0 || interval <= 0 {
		return 0
	}
	servers := float64(len(c.servers))
	if c.logins.burst != burst || c.logins.interval != interval {
		// A new configuration makes a new bucket. (apiserver.go)
		c.logins = bucket{burst: burst, interval: interval, tokens: float64(burst) * servers, at: time.Now()}
	}
	passed := s.simulated(time.Since(c.logins.at))
	c.logins.tokens = min(float64(burst)*servers, c.logins.tokens+servers*float64(passed)/float64(interval))
	c.logins.at = time.Now()
	if c.logins.tokens >= 1 {
		c.logins.tokens--
		return 0
	}
	wait := time.Duration((1 - c.logins.tokens) * float64(interval) / servers)
	if wait <= validationTime {
		c.logins.tokens--
	}
	return wait
}
