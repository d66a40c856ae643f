-- Who recognises the Taliban, since when, and which sentence says so best?
SELECT actor_name, since, confidence, source, score, text
FROM (SELECT r.*, e.source, e.score, e.text,
             row_number() OVER (PARTITION BY record ORDER BY e.score DESC, e.evidence) AS place
      FROM recognitions r JOIN status_evidence e USING (record)
      WHERE r.counterpart = 'AFG/TALIBAN' AND e.facet = 'recognition')
WHERE place = 1 ORDER BY since, actor_name;

-- At which level do states keep missions with the Taliban?
SELECT status, count(*) AS states, group_concat(actor_name, ', ') AS who
FROM (SELECT * FROM current_status ORDER BY status, actor_name)
WHERE counterpart = 'AFG/TALIBAN' AND facet = 'representation'
GROUP BY status ORDER BY states DESC, status;

-- What changed in 2024: which status gave way to which?
SELECT b.to_date AS day, b.actor_name, b.counterpart_name, b.facet, b.status AS old_status, a.status AS new_status
FROM status_periods b JOIN status_periods a
  ON a.record = b.record AND a.facet = b.facet AND a.from_date = b.to_date
WHERE b.to_date LIKE '2024%' ORDER BY day, b.actor, b.counterpart;

-- Where do sources contradict one another, and in which words?
SELECT conflict, actor_name, counterpart_name, facet, statuses, source, date, text
FROM contradictions
ORDER BY conflict, date, source, evidence;

-- Whose stance towards whom was in favour one month and against in another?
SELECT actor_name, counterpart_name, min(month) AS first, max(month) AS last,
       max(balance) AS best, min(balance) AS worst
FROM monthly_stance
GROUP BY record HAVING best > 0 AND worst < 0 ORDER BY actor_name, counterpart_name;
