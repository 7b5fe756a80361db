"""The Russian reader: an article to a document of sentences with lemmas, names and dependency trees.

text         cleaning, with offsets                  layout      headline, lead, caption, boilerplate
dateline     "МИНСК, 3 июня."                        segment     sentences and tokens
morphology   lemmas and features                     names       lemmas of persons' names
neural       NER and syntax                          weights     where the models lie
dates        date expressions, by date_grammar       calendar    its words and arithmetic
prepositions those of several words                  reader      all of it in order
"""
