using System.Globalization;
using System.Management.Automation;
using System.Xml.Linq;

namespace LoraPS.Cmdlets.Tests.Views;

/// <summary>How objects look at a prompt.</summary>
public sealed class FormatTests : IDisposable
{
    private const int Width = 100;
    private const int LastColumn = 12;

    private static readonly XDocument Views = XDocument.Load(TestFiles.Repository("module/LoraPS.Format.ps1xml"));

    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_a_command_writes_has_a_view()
    {
        var viewed = Views.Descendants("TypeName").Select(type => type.Value).ToHashSet();
        var written = _session.Run("Get-Command -Module LoraPS").Output
            .SelectMany(command => ((CommandInfo)command.BaseObject).OutputType)
            .Select(type => type.Name)
            .Where(name => name.StartsWith("LoraPS.", StringComparison.Ordinal))
            .ToHashSet();

        Assert.NotEmpty(written);
        Assert.Empty(written.Except(viewed));
    }

    [Fact]
    public void Tables_leave_room_for_their_last_column()
    {
        foreach (var view in Views.Descendants("View").Where(view => view.Descendants("TableColumnHeader").Any()))
        {
            var widths = view.Descendants("TableColumnHeader").Select(header => (int?)header.Element("Width")).ToList();
            var used = widths.Sum(width => width ?? 0) + widths.Count - 1;

            Assert.All(widths.SkipLast(1), width => Assert.NotNull(width));
            Assert.True(used + (widths[^1] is null ? LastColumn : 0) <= Width, $"{view.Element("Name")?.Value} is {used} characters wide.");
        }
    }

    [Fact]
    public void Objects_of_a_training_fit_a_line_each()
    {
        var text = Show($$"""
            $data = New-LoraDataset '{{TestFiles.Images}}' -CaptionExtension .txt -Resolution 64
            $data
            '=='
            $data.Groups
            '=='
            $data.Entries | Select-Object -First 1
            '=='
            $all = $data | Start-LoraTraining -Model '{{TestFiles.TinyModel}}' -DestinationPath cat -MaxTrainSteps 1 -IncludeStep
            $all[0]
            '=='
            $all[1]
            '=='
            Get-Lora cat.safetensors
            '=='
            $all[1] | Merge-Lora -Model '{{TestFiles.TinyModel}}' -DestinationPath merged
            """);

        string[] headings =
        [
            "Images Skipped Per epoch Batches Resolution Source",
            "Resolution Batch size Images Per epoch Batches Buckets",
            "Name                          Size    Bucket Repeats Caption",
            "         Step     Epoch     Loss  Average  Gradient      Rate      Time      Left",
            "  Steps Epochs     Loss Modules  Duration Path",
            "Name                          Rank/alpha Blocks",
            "Name                             LoRAs Merged",
        ];
        Assert.Equal(headings.Length, text.Length);
        Assert.All(headings.Zip(text), pair => Assert.StartsWith(pair.First, pair.Second[0], StringComparison.Ordinal));
        Assert.All(text, table => Assert.Equal(3, table.Length));
        Assert.All(text.SelectMany(table => table), line => Assert.InRange(line.Length, 1, Width));
        Assert.DoesNotContain(text.SelectMany(table => table), line => line.Contains("#ERR", StringComparison.Ordinal));
    }

    /// <summary>The properties of what commands write, lists within lists too.</summary>
    [Fact]
    public void Lists_can_be_indexed()
    {
        var bad = _session.Run($$"""
            function Test-List($item, $path, $depth) {
                foreach ($property in $item.PSObject.Properties) {
                    $value = try { $property.Value } catch { $null }
                    if ($value -is [string] -or $value -isnot [System.Collections.IEnumerable] -or $value -is [System.Collections.IDictionary]) { continue }
                    $first = foreach ($one in $value) { $one; break }
                    if ($null -eq $first) { continue }
                    if (-not [object]::Equals($value[0], $first)) { "$path.$($property.Name) is $($value.GetType())" }
                    if ($depth -gt 0) { Test-List $first "$path.$($property.Name)" ($depth - 1) }
                }
            }
            $data = New-LoraDataset '{{TestFiles.Images}}' -CaptionExtension .txt -Resolution 64
            $training = $data | Start-LoraTraining -Model '{{TestFiles.TinyModel}}' -DestinationPath cat -MaxTrainEpochs 2 -SaveEveryEpochs 1
            $merged = $training | Merge-Lora -Model '{{TestFiles.TinyModel}}' -DestinationPath merged
            foreach ($item in $data, $training, (Get-Lora cat.safetensors), $merged) { Test-List $item $item.GetType().Name 2 }
            """, _folder);

        bad.AssertNoErrors();
        Assert.Empty(bad.Lines);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    /// <summary>The lines of each table that a script shows, tables parted by '=='.</summary>
    private string[][] Show(string script)
    {
        var result = _session.Run($"& {{\n{script}\n}} | ForEach-Object {{ if ($_ -is [string]) {{ $_ }} else {{ $_ | Format-Table | Out-String -Width {Width.ToString(CultureInfo.InvariantCulture)} }} }}", _folder);
        result.AssertNoErrors();
        return [.. string.Join('\n', result.Lines).Split("==\n").Select(table => table.ReplaceLineEndings("\n").Split('\n').Where(line => line.Length > 0).Select(line => line.TrimEnd()).ToArray())];
    }
}
