using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class LoraBlockWeightTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public LoraBlockWeightTests() => _folder.Copy(TestFiles.Lora("A"), "a.safetensors");

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Theory]
    [InlineData("@{ IN04 = 0.5; mid = 0 }", "IN04=0.5,MID=0")]
    [InlineData("'IN04=0.5,MID=0'", "IN04=0.5,MID=0")]
    [InlineData("0.5,1,1,1,1,1,1,1,1,1,1,2", "BASE=0.5,OUT05=2")]
    [InlineData("0.5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2", "BASE=0.5,OUT11=2")]
    [InlineData("0.5,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2", "BASE=0.5,OUT08=2")]
    [InlineData("(,0.5 + @(1) * 24 + 2)", "BASE=0.5,OUT11=2")]
    [InlineData("-Preset outs", "IN00=0,IN01=0,IN02=0,IN03=0,IN04=0,IN05=0,IN06=0,IN07=0,IN08=0,IN09=0,IN10=0,IN11=0,MID=0,OUT00=0,OUT01=0,OUT02=0,OUT03=0,OUT04=0,OUT05=0,OUT06=0")]
    [InlineData("-Down 0.5,1,2 -Mid 0 -Up 1,1,-1 -Base 0.25", "BASE=0.25,IN00=0.5,IN02=2,MID=0,OUT02=-1")]
    [InlineData("-up_lr_weight zeros+0.5", "OUT00=0.5,OUT01=0.5,OUT02=0.5,OUT03=0.5,OUT04=0.5,OUT05=0.5,OUT06=0.5,OUT07=0.5,OUT08=0.5,OUT09=0.5,OUT10=0.5,OUT11=0.5")]
    public void Weights_are_given_as_lists_tables_text_presets_and_sides(string weights, string expected)
    {
        var source = Run($"Get-Lora a.safetensors | Set-LoraBlockWeight {(weights.StartsWith('-') ? "" : "-BlockWeight")} {weights}").Single();

        Assert.Equal("LoraPS.Engine.Merging.LoraSource", source.BaseObject.GetType().FullName);
        Assert.Equal(expected, $"{SessionResult.Value(source, "BlockWeight")}");
        Assert.Equal((_folder.File("a.safetensors"), 1.0), (SessionResult.Value(source, "Path"), SessionResult.Value(source, "Weight")));
    }

    [Theory]
    [InlineData("@{ MID = 0 }", "MID=0")]
    [InlineData("-Preset ALL", "ALL")]
    [InlineData("-Mid 0", "MID=0")]
    public void A_lora_can_be_named_exactly(string weights, string expected)
    {
        _folder.Copy(TestFiles.Lora("A"), "a[1].safetensors");

        Assert.Equal(expected, Run($"(Set-LoraBlockWeight -LiteralPath 'a[1].safetensors' {weights}).Blocks").Lines.Single());
        foreach (var command in new[] { "Get-LoraBlockWeight", "Show-LoraBlockWeight", "Show-LoraBlockWeight -Norm" })
            Assert.True(Run($"{command} -LiteralPath 'a[1].safetensors'").Output.Count > 1);
    }

    [Fact]
    public void What_commands_wrote_can_be_the_values_of_a_row()
    {
        var source = Run("""
            $path, $ratio = foreach ($value in 'a.safetensors', 0.5) { [psobject]::AsPSObject($value) }
            [pscustomobject] @{ Path = $path; Ratio = $ratio } | Set-LoraBlockWeight -Mid 0
            """).Single();

        Assert.Equal((_folder.File("a.safetensors"), 0.5), (SessionResult.Value(source, "Path"), SessionResult.Value(source, "Ratio")));
    }

    [Fact]
    public void The_ratio_goes_with_the_lora_and_stays_when_weights_are_set_again()
    {
        var source = Run("Set-LoraBlockWeight a.safetensors @{ MID = 0 } -Weight 0.7 | Set-LoraBlockWeight -Preset ALL").Single();

        Assert.Equal((0.7, "ALL"), (SessionResult.Value(source, "Ratio"), $"{SessionResult.Value(source, "Blocks")}"));
    }

    [Theory]
    [InlineData("1, 2, 3")]
    [InlineData("@{ IN44 = 1 }")]
    [InlineData("'MID=x'")]
    [InlineData("-Preset NOTHING")]
    [InlineData("-Down 1, x")]
    [InlineData("-Up 1,1,1,1,1,1,1,1,1,1,1,1,1")]
    public void Weights_that_are_none_end_the_command(string weights)
    {
        var result = Run($"Set-LoraBlockWeight a.safetensors {weights}");

        Assert.Empty(result.Output);
        Assert.Contains(result.Terminating!.CategoryInfo.Category, new[] { ErrorCategory.InvalidArgument, ErrorCategory.InvalidData });
    }

    [Fact]
    public void Written_out_the_weights_are_in_the_numbers_and_the_rest_stays()
    {
        var result = Run("Set-LoraBlockWeight a.safetensors @{ MID = 0; OUT10 = 0.5 } -Ratio -2 -DestinationPath out.safetensors").Single();

        Assert.Equal("LoraPS.Engine.Merging.LoraResult", result.BaseObject.GetType().FullName);
        var (source, written) = (LoraNumbers.Deltas(TestFiles.Lora("A")), LoraNumbers.Deltas(_folder.File("out.safetensors")));
        Assert.DoesNotContain(written.Keys, m => m.Contains("mid_block", StringComparison.Ordinal));
        foreach (var (module, delta) in written)
        {
            var weight = module.Contains("up_blocks_3_attentions_1", StringComparison.Ordinal) ? -1 : -2;
            Assert.All(delta.Zip(source[module]), pair => Assert.Equal(weight * pair.Second, pair.First, 1e-6));
        }

        var (before, after) = (LoraNumbers.Metadata(TestFiles.Lora("A")), LoraNumbers.Metadata(_folder.File("out.safetensors")));
        Assert.Equal(before.Where(m => m.Key.StartsWith("ss_", StringComparison.Ordinal)).OrderBy(m => m.Key), after.Where(m => m.Key.StartsWith("ss_", StringComparison.Ordinal)).OrderBy(m => m.Key));
        Assert.Contains("MID=0,OUT10=0.5", after["loraps.merge"], StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_writes_nothing_and_an_existing_file_needs_Force()
    {
        Assert.Empty(Run("Set-LoraBlockWeight a.safetensors -Mid 0 -DestinationPath out.safetensors -WhatIf").Output);
        Assert.Equal(["a.safetensors"], _folder.Entries);

        Run("Set-LoraBlockWeight a.safetensors -Mid 0 -DestinationPath a.safetensors")
            .AssertError("DestinationExists", ErrorCategory.ResourceExists, _folder.File("a.safetensors"));
        Run("Set-LoraBlockWeight a.safetensors -Mid 0 -DestinationPath a.safetensors -Force").Single();
    }

    [Fact]
    public void The_blocks_of_a_lora_are_listed_with_weights_and_modules()
    {
        var lines = Run("Set-LoraBlockWeight a.safetensors @{ MID = 0.5 } -Ratio 2 | Get-LoraBlockWeight | ForEach-Object { \"$($_.Block) $($_.Weight) $($_.Modules.Count)\" }").Lines.ToList();

        Assert.Equal("BASE 2 2", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("MID 1 ", StringComparison.Ordinal));
        Assert.Equal(14, lines.Sum(line => int.Parse(line.Split(' ')[2])));
    }

    [Fact]
    public void Every_preset_that_is_listed_can_be_set()
    {
        var script = "foreach ($preset in Get-LoraBlockWeight -ListPreset) { \"$((Set-LoraBlockWeight a.safetensors -Preset $preset.Name).Blocks)\" -eq \"$($preset.Blocks)\" }";

        Assert.All(Run(script).Lines, line => Assert.Equal("True", line));
        Assert.Equal(["BlockPreset"], Run("Get-LoraBlockWeight -ListPreset").Output.Select(o => o.BaseObject.GetType().Name).Distinct());
    }

    [Fact]
    public void A_missing_file_is_an_error_and_the_next_is_still_listed()
    {
        var result = Run("Get-LoraBlockWeight missing.safetensors, a.safetensors");

        result.AssertError("LoraFileNotFound", ErrorCategory.ObjectNotFound, _folder.File("missing.safetensors"));
        Assert.NotEmpty(result.Output);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
