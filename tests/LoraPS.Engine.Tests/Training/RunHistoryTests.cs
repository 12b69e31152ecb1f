using LoraPS.Engine.Training;
using LoraPS.Engine.Training.History;

namespace LoraPS.Engine.Tests.Training;

/// <summary>What is read back from a run's log.</summary>
public sealed class RunHistoryTests : IDisposable
{
    private const string Begun = """{"event":"settings","time":"2026-01-02T03:04:05.000Z","hash":"aa","settings":{"Seed":"7"},"seed":7,"steps":9,"epochs":3,"firstStep":FIRST}""";

    private readonly TrainingFolder _folder = new();

    [Fact]
    public void A_log_is_read_back_as_it_was_written()
    {
        var events = new Models.Clip.EventList();
        var options = _folder.Options() with { LogPath = _folder["log.jsonl"], SaveEverySteps = 2 };
        var result = LoraTrainer.Train(_folder.Model, _folder.Dataset(), options, events);
        var history = RunHistoryReader.Read(_folder["log.jsonl"]);
        Assert.Equal(events.OfType<RunStartedEvent>().Single().Settings, history.Settings);
        Assert.Equal(
            events.OfType<TrainingStepEvent>().Select(e => (e.Step.Step, e.Step.Loss, e.Step.LearningRate, e.Step.GradientNorm)),
            history.Points.Select(point => (point.Step, point.Loss, point.LearningRate, point.GradientNorm)));
        Assert.Equal(events.OfType<RunPicturesEvent>().Single().Pictures, history.Pictures);
        Assert.Equal(4, history.Pictures.Count);
        Assert.Equal(events.OfType<LoraSavedEvent>().Select(e => new RunSave(e.Path, e.Step, e.Epoch)), history.Saves);
        Assert.Equal(("finished", result.Path), (history.End!.Outcome, history.End.Path));
        Assert.Equal((1L, 5, 3), (history.Seed, history.Steps, history.Epochs));
    }

    [Fact]
    public void What_a_run_did_anew_counts_and_a_second_run_counts_alone()
    {
        var again = Read(Start(0), Step(1, 5), Step(2, 6), Step(3, 7), "{\"event\":\"stopped\",\"step\":3}", Start(2), Step(3, 8));
        Assert.Equal([(1, 5), (2, 6), (3, 8)], again.Points.Select(point => (point.Step, point.Loss)));
        Assert.Null(again.End);
        var second = Read(Start(0), Step(1, 5), Step(2, 6), Start(0), Step(1, 9));
        Assert.Equal([(1, 9.0)], second.Points.Select(point => (point.Step, point.Loss)));
    }

    [Fact]
    public void Lines_that_are_broken_or_unknown_are_passed_over()
    {
        var history = Read(
            "no JSON", "[1]", Start(0), Step(1, 5), """{"event":"news","text":"hello"}""", """{"event":"step","step":2,"loss":"NaN"}""",
            """{"event":"dataset","pictures":"none"}""", """{"event":"validation"}""", "{\"event\":\"step\",\"st");
        Assert.Equal([5, double.NaN], history.Points.Select(point => point.Loss));
        Assert.Empty(history.Pictures);
    }

    [Fact]
    public void Any_event_that_names_a_picture_tells_of_a_sample()
    {
        var history = Read(
            Start(0), """{"event":"sample","step":4,"prompt":"a cat","path":"/out/cat-4.png"}""", """{"event":"samples","step":8,"paths":["a.png","b.webp","c.txt"]}""");
        Assert.Equal([new("/out/cat-4.png", 4, "a cat"), new("a.png", 8, ""), new("b.webp", 8, "")], history.Samples);
    }

    [Fact]
    public void A_file_that_tells_of_no_run_is_refused()
    {
        Assert.Throws<RunHistoryException>(() => Read("{}", "hello"));
        Assert.Throws<LoraPS.Engine.Formats.MissingFileException>(() => RunHistoryReader.Read(_folder["missing.jsonl"]));
    }

    public void Dispose() => _folder.Dispose();

    private static string Start(int first) => Begun.Replace("FIRST", $"{first}", StringComparison.Ordinal);

    private static string Step(int step, int loss) => $$"""{"event":"step","step":{{step}},"loss":{{loss}}}""";

    private RunHistory Read(params string[] lines)
    {
        File.WriteAllLines(_folder["lines.jsonl"], lines);
        return RunHistoryReader.Read(_folder["lines.jsonl"]);
    }
}
