def write_report(facts): pass
