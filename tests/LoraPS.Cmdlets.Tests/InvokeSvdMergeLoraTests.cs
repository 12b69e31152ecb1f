using System.Management.Automation;

namespace LoraPS.Cmdlets.Tests;

public sealed class InvokeSvdMergeLoraTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly TemporaryFolder _folder = new();

    private SessionResult Run(string script) => _session.Run(script, _folder);

    [Theory]
    [InlineData(0, "-ratios 1, 0.5")]
    [InlineData(1, "-ratios 1, -0.5 -new_rank 6 -new_conv_rank 2")]
    public void Products_equal_those_of_sd_scripts_without_its_clipping(int number, string arguments)
    {
        Run($"Invoke-SvdMergeLora {TestFiles.Lora("A")}, {TestFiles.Lora("C")} {arguments} -save_to out.safetensors").Single();

        var expected = LoraNumbers.Deltas(TestFiles.Fixture($"merge/svd_merge_{number}.safetensors"), "unclamped.");
        var actual = LoraNumbers.Deltas(_folder.File("out.safetensors")).Where(m => expected.ContainsKey(m.Key)).ToDictionary();
        Assert.NotEmpty(actual);
        Assert.All(actual, m => Assert.All(m.Value.Zip(expected[m.Key]), pair => Assert.Equal(pair.Second, pair.First, 1e-5)));
    }

    [Fact]
    public void The_report_tells_each_module_s_error_and_the_whole_s()
    {
        var result = Run($"Invoke-SvdMergeLora {TestFiles.Lora("A")}, {TestFiles.Lora("C")} -Rank 3 -DestinationPath out.safetensors").Single();

        var sum = LoraNumbers.Sum((1, TestFiles.Lora("A")), (1, TestFiles.Lora("C")));
        var kept = LoraNumbers.Deltas(_folder.File("out.safetensors"));
        var modules = ((System.Collections.IEnumerable)SessionResult.Value(result, "Modules")!).Cast<object>().Select(PSObject.AsPSObject).ToList();
        Assert.Equal(14, modules.Count);
        foreach (var module in modules)
        {
            var name = $"{SessionResult.Value(module, "Name")}";
            var lost = Math.Sqrt(sum[name].Zip(kept[name]).Sum(p => Math.Pow(p.First - p.Second, 2)) / sum[name].Sum(v => v * v));
            Assert.Equal(lost, (double)SessionResult.Value(module, "RelativeError")!, 1e-5);
        }
    }

    [Theory]
    [InlineData("sv_ratio", "3")]
    [InlineData("sv_fro", "0.9")]
    [InlineData("sv_cumulative", "0.8")]
    public void A_criterion_chooses_ranks_by_module_up_to_the_limit(string criterion, string threshold)
    {
        var script = $"(Invoke-SvdMergeLora {TestFiles.Lora("A")}, {TestFiles.Lora("C")} -Rank 9 -dynamic_method {criterion} -dynamic_param {threshold} -DestinationPath out.safetensors).Modules.Rank";

        var ranks = Run(script).Lines.Select(int.Parse).ToList();

        Assert.All(ranks, rank => Assert.InRange(rank, 1, 9));
        Assert.True(ranks.Distinct().Count() > 1, string.Join(' ', ranks));
    }

    [Fact]
    public void Clipping_happens_only_when_asked_for_and_costs_accuracy()
    {
        string Merge(string more) => $"(Invoke-SvdMergeLora {TestFiles.Lora("A")} -Rank 4 {more}).RelativeError";
        var errors = Run(Merge("-DestinationPath exact.safetensors") + "\n" + Merge("-ClampQuantile 0.99 -DestinationPath clipped.safetensors")).Output.Select(o => (double)o.BaseObject).ToList();

        Assert.InRange(errors[0], 0, 1e-6);
        Assert.True(errors[1] > 0.01, $"{errors[1]}");
    }

    [Fact]
    public void WhatIf_writes_nothing_and_an_existing_file_needs_Force()
    {
        Assert.Empty(Run($"Invoke-SvdMergeLora {TestFiles.Lora("A")} -DestinationPath out.safetensors -WhatIf").Output);
        Assert.Empty(_folder.Entries);

        _folder.Copy(TestFiles.Lora("C"), "out.safetensors");
        Run($"Invoke-SvdMergeLora {TestFiles.Lora("A")} -DestinationPath out.safetensors")
            .AssertTerminated("DestinationExists", ErrorCategory.ResourceExists, _folder.File("out.safetensors"));
        Run($"Invoke-SvdMergeLora {TestFiles.Lora("A")} -DestinationPath out.safetensors -Force").Single();
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }
}
