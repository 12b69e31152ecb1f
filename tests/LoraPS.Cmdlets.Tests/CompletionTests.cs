using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class CompletionTests : IDisposable
{
    private readonly ModuleSession _session = new();

    [Theory]
    [InlineData("Merge-Lora a -Method t", "Ties")]
    [InlineData("Set-LoraBlockWeight a -Preset mi", "MIDD")]
    [InlineData("Set-LoraBlockWeight a -Down rev", "reverse_linear")]
    [InlineData("Merge-Lora a -BlockWeight out10", "'OUT10='")]
    [InlineData("Resize-Lora a b -Criterion svf", "SvFro")]
    [InlineData("Merge-Lora a -SaveDType bf", "BF16")]
    public void Names_are_completed(string line, string expected)
    {
        var script = $"[System.Management.Automation.CommandCompletion]::CompleteInput('{line}', {line.Length}, $null).CompletionMatches.CompletionText";

        Assert.Equal([expected], _session.Run(script).Lines);
    }

    public void Dispose() => _session.Dispose();
}
