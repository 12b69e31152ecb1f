using System.Management.Automation;
using System.Reflection;

namespace LoraPS.Cmdlets.Tests;

/// <summary>Progress bars, by a clock that the test sets. The type is met through the loaded module.</summary>
public sealed class ProgressPresenterTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly HandClock _clock = new();
    private readonly List<(TimeSpan Time, ProgressRecord Record)> _shown = [];
    private readonly object _presenter;
    private readonly MethodInfo _show;
    private readonly Type _event;

    public ProgressPresenterTests()
    {
        var type = ((CmdletInfo)_session.Run("Get-Command Get-Lora").Single().BaseObject).ImplementingType.Assembly.GetType("LoraPS.Cmdlets.Common.ProgressPresenter")!;
        Action<ProgressRecord> show = record => _shown.Add((_clock.Now, record));
        _presenter = Activator.CreateInstance(type, show, _clock)!;
        _show = type.GetMethod("Show")!;
        _event = _show.GetParameters()[0].ParameterType;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(210)]
    [InlineData(999)]
    public void In_no_second_more_than_five_records_are_written(int millisecondsBetweenEvents)
    {
        for (var i = 0; i < 3000; i++)
        {
            Show($"activity {i / 500}", i / 3000.0, left: null, part: i % 700 < 400 ? Event($"part {i / 90}", i % 90 / 90.0) : null);
            _clock.Now += TimeSpan.FromMilliseconds(millisecondsBetweenEvents);
        }

        Assert.All(_shown, record => Assert.InRange(_shown.Count(other => other.Time >= record.Time && other.Time < record.Time + TimeSpan.FromSeconds(1)), 1, 5));
        // And not many fewer, where there is so much to tell.
        Assert.True(_shown.Count > Math.Min(3, 900 / millisecondsBetweenEvents) * (_clock.Now.TotalSeconds - 1) * 0.9);
    }

    [Fact]
    public void The_part_that_is_worked_on_is_shown_below_the_whole_until_there_is_none()
    {
        Show("Training", 0, part: Event("Caching latents", 0.5));
        _clock.Now += TimeSpan.FromSeconds(1);
        Show("Training", 0.25, left: TimeSpan.FromSeconds(90), part: Event("Epoch 1 of 4", 1));
        _clock.Now += TimeSpan.FromSeconds(1);
        Show("Training", 1);
        _presenter.GetType().GetMethod("Complete")!.Invoke(_presenter, null);

        var records = _shown.ConvertAll(shown => shown.Record);
        Assert.Equal(["Training", "Caching latents", "Training", "Epoch 1 of 4", "Epoch 1 of 4", "Training", "Training"], records.Select(record => record.Activity));
        var whole = records[0].ActivityId;
        Assert.Equal([-1, whole, -1, whole, whole, -1, -1], records.Select(record => record.ParentActivityId));
        Assert.Equal([0, 50, 25, 100, -1, 100, -1], records.Select(record => record.PercentComplete));
        Assert.Equal(90, records[2].SecondsRemaining);
        Assert.Equal([4, 6], Enumerable.Range(0, records.Count).Where(i => records[i].RecordType == ProgressRecordType.Completed));
    }

    [Fact]
    public void The_time_left_is_reckoned_where_the_engine_does_not_tell_it()
    {
        Show("Merging", 0.2);
        _clock.Now += TimeSpan.FromSeconds(6);
        Show("Merging", 0.5);
        // Another activity begins anew.
        _clock.Now += TimeSpan.FromSeconds(5);
        Show("Writing", 0);
        _clock.Now += TimeSpan.FromSeconds(1);
        Show("Writing", 0.75);

        Assert.Equal([-1, 10, -1, 1], _shown.Select(shown => shown.Record.SecondsRemaining));
    }

    public void Dispose() => _session.Dispose();

    private object Event(string activity, double fraction, TimeSpan? left = null) => Activator.CreateInstance(_event, activity, "at work", fraction, left)!;

    private void Show(string activity, double fraction, TimeSpan? left = null, object? part = null)
    {
        var progress = Event(activity, fraction, left);
        _event.GetProperty("Part")!.SetValue(progress, part);
        _show.Invoke(_presenter, [progress]);
    }

    private sealed class HandClock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
