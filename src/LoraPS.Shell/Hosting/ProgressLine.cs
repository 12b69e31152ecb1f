using System.Diagnostics;
using System.Management.Automation;

namespace LoraPS.Shell.Hosting;

/// <summary>Progress as one line: redrawn in place on a terminal, and as a sparse plain line in a log.</summary>
/// <param name="output">Where the line goes.</param>
/// <param name="isTerminal">True when the line can be redrawn.</param>
public sealed class ProgressLine(TextWriter output, bool isTerminal)
{
    private const int BarWidth = 24;
    private const string EraseLine = "\r\u001b[K";
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private long? _lastLogged;
    private bool _isDrawn;

    /// <summary>Shows a record.</summary>
    /// <param name="record">The record; one of type Completed takes the line away.</param>
    public void Show(ProgressRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.RecordType == ProgressRecordType.Completed)
            Clear();
        else if (isTerminal)
            Draw($"{record.Activity} {Bar(record.PercentComplete)} {record.StatusDescription}{TimeLeft(record)}");
        else
            Log($"{record.Activity}: {Percent(record)}{record.StatusDescription}{TimeLeft(record)}");
    }

    /// <summary>Takes the line off the terminal, so that other output starts at the margin.</summary>
    public void Clear()
    {
        if (!_isDrawn)
            return;
        output.Write(EraseLine);
        _isDrawn = false;
    }

    private void Draw(string line)
    {
        // A line that wraps could not be taken back.
        var width = Math.Max(Console.WindowWidth - 1, 20);
        output.Write(EraseLine + (line.Length > width ? line[..width] : line));
        _isDrawn = true;
    }

    private void Log(string line)
    {
        if (_lastLogged is { } last && Stopwatch.GetElapsedTime(last) < LogInterval)
            return;
        _lastLogged = Stopwatch.GetTimestamp();
        output.WriteLine(line);
    }

    private static string Bar(int percent)
    {
        if (percent < 0)
            return "";
        var filled = percent * BarWidth / 100;
        return $"[{new string('#', filled)}{new string('.', BarWidth - filled)}] {percent,3} %";
    }

    private static string Percent(ProgressRecord record) => record.PercentComplete < 0 ? "" : $"{record.PercentComplete} %, ";

    private static string TimeLeft(ProgressRecord record) =>
        record.SecondsRemaining < 0 ? "" : $", {TimeSpan.FromSeconds(record.SecondsRemaining):c} left";
}
