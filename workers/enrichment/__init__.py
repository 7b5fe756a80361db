"""Article -> coded article: one agent, and behind it a pure coder that runs without Kafka.

agent, intake, pool     the plumbing: what to do with a message, and processes to code in
coder, explain          an article in, a coded article out; why it was coded as it was
language, document      which language, and what a read article is
russian/                reading Russian: sentences, morphology, names, trees, dates, and the lexicon
coding/                 from a read article to mentions and events
"""
