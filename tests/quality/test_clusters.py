from quality.clusters import b_cubed, perfect, scores


def test_a_grouping_is_as_good_as_it_agrees_article_by_article() -> None:
    assert b_cubed("aabb", [1, 1, 2, 2]) == (1.0, 1.0, 1.0)
    precision, recall, _ = b_cubed("aabb", [1, 1, 1, 1])
    assert (precision, recall) == (0.5, 1.0)
    precision, recall, _ = b_cubed("aabb", [1, 2, 3, 4])
    assert (precision, recall) == (1.0, 0.5)


def test_what_was_said_is_weighed_against_what_is() -> None:
    precision, recall, f1 = scores([True, True, False, False], [True, False, True, False])
    assert (precision, recall, f1) == (0.5, 0.5, 0.5)


def test_the_perfect_judge_lets_each_source_tell_a_story_once() -> None:
    told = [("fire", "a"), ("fire", "b"), ("rink", "a"), ("fire", "a"), ("fire", "c")]
    assert perfect(told) == [1, 1, 2, 3, 1]
