using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace LoraPS.Cmdlets.Tests;

/// <summary>The table is met through the loaded module, as its users meet it.</summary>
public sealed class EngineErrorsTests : IDisposable
{
    private readonly ModuleSession _session = new();
    private readonly Assembly _cmdlets;

    public EngineErrorsTests() =>
        _cmdlets = ((CmdletInfo)_session.Run("Get-Command Get-Lora").Single().BaseObject).ImplementingType.Assembly;

    [Fact]
    public void Every_error_of_the_engine_has_a_category()
    {
        var engine = _cmdlets.GetType("LoraPS.Cmdlets.Commands.GetLoraCommand")!.GetCustomAttribute<OutputTypeAttribute>()!.Type[0].Type.Assembly;
        var errors = engine.GetExportedTypes().Where(type => !type.IsAbstract && type.BaseType?.Name == "EngineException").ToList();

        Assert.NotEmpty(errors);
        Assert.Empty(errors.Where(type => CategoryOf((Exception)RuntimeHelpers.GetUninitializedObject(type)) == ErrorCategory.NotSpecified).Select(type => type.Name));
    }

    [Fact]
    public void What_is_no_error_of_the_engine_has_a_category_too()
    {
        Assert.Equal(ErrorCategory.InvalidArgument, CategoryOf(new ArgumentOutOfRangeException("rank")));
        Assert.Equal(ErrorCategory.ResourceUnavailable, CategoryOf(new InsufficientMemoryException()));
        Assert.Equal(ErrorCategory.InvalidOperation, CategoryOf(new InvalidOperationException()));
    }

    public void Dispose() => _session.Dispose();

    private ErrorCategory CategoryOf(Exception exception) =>
        ((ErrorRecord)_cmdlets.GetType("LoraPS.Cmdlets.Common.EngineErrors")!.GetMethod("ToErrorRecord")!.Invoke(null, [exception, "target"])!).CategoryInfo.Category;
}
