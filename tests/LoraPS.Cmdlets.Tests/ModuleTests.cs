using System.Management.Automation;
using System.Reflection;

namespace LoraPS.Cmdlets.Tests;

public sealed class ModuleTests : IDisposable
{
    private readonly ModuleSession _session = new();

    [Fact]
    public void It_exports_exactly_its_cmdlets()
    {
        var commands = _session.Run("Get-Command -Module LoraPS").Output.Select(o => (CommandInfo)o.BaseObject).ToList();
        var written = ((CmdletInfo)commands[0]).ImplementingType.Assembly.GetTypes()
            .Select(type => type.GetCustomAttribute<CmdletAttribute>())
            .OfType<CmdletAttribute>()
            .Select(cmdlet => $"{cmdlet.VerbName}-{cmdlet.NounName}");

        Assert.Equal(written.Order(), commands.Select(c => c.Name).Order());
        Assert.All(commands, command => Assert.Equal(CommandTypes.Cmdlet, command.CommandType));
    }

    [Fact]
    public void It_can_be_imported_again_and_after_removal()
    {
        var script = $"""
            $module = (Get-Module LoraPS).ModuleBase
            Import-Module $module -Force
            (Get-Lora {TestFiles.LierLa}).Rank
            Remove-Module LoraPS
            Import-Module $module
            (Get-Lora {TestFiles.LierLa}).Rank
            """;

        Assert.Equal(["4", "4"], _session.Run(script).Lines);
    }

    [Fact]
    public void Every_mandatory_parameter_says_what_to_give()
    {
        const string script = """
            foreach ($command in Get-Command -Module LoraPS) {
                foreach ($parameter in $command.Parameters.Values) {
                    foreach ($attribute in $parameter.Attributes) {
                        if ($attribute.Mandatory -and -not $attribute.HelpMessage) { "$command -$($parameter.Name)" }
                    }
                }
            }
            """;

        Assert.Empty(_session.Run(script).Lines);
    }

    [Fact]
    public void Every_command_says_what_it_writes()
    {
        Assert.Empty(_session.Run("Get-Command -Module LoraPS | Where-Object { -not $_.OutputType }").Lines);
    }

    public void Dispose() => _session.Dispose();
}
