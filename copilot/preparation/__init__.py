"""What is found out about a customer's message before anybody opens it, without a language model.

`steps` lists what is done, in order; a new step is one more entry there. `pipeline` runs what is missing or outdated
and stores it; `backlog` catches up with what was missed; `hits` is what a ticket's page shows.
"""
